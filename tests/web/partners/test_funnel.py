"""The funnel is counted from rows, filled in by hand, and never rises."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from lighttouch.core.archive.happenings import _check_funnel
from lighttouch.core.archive.tabular import read_table
from lighttouch.core.errors import InputError
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.partners.models import FunnelStage, Signing, Stage
from lighttouch.web.partners.queries.funnel import ENTERED_ONLY, funnel, funnel_csv, narrow
from lighttouch.web.programmes.models import Partner, Trial
from tests.web.cast import NOW, Cast
from tests.web.partners.making import TODAY, make_call, make_expression, make_partner

numbers = st.dictionaries(st.sampled_from(list(Stage)), st.integers(0, 300))
ROW_STAGES = [stage for stage in Stage if stage not in ENTERED_ONLY]


@given(rows=numbers, entered=numbers)
def test_funnel_never_rises_whatever_is_entered_and_counted(
    rows: dict[Stage, int], entered: dict[Stage, int]
) -> None:
    found = narrow(rows, entered)
    assert all(before >= after for before, after in pairwise(found.values()))
    assert list(found) == [stage for stage in Stage if stage in found]


@given(rows=numbers, entered=numbers)
def test_no_stage_shows_fewer_than_are_known_to_have_reached_it(
    rows: dict[Stage, int], entered: dict[Stage, int]
) -> None:
    found = narrow(rows, entered)
    for stage in ROW_STAGES:
        if stage in found:
            assert found[stage] >= max(rows.get(stage, 0), entered.get(stage, 0))
        else:
            assert rows.get(stage, 0) == 0


@given(entered=numbers)
def test_numbers_that_fall_are_shown_as_they_were_entered(entered: dict[Stage, int]) -> None:
    falling = sorted(entered.values(), reverse=True)
    ordered = dict(zip([s for s in Stage if s in entered], falling, strict=True))
    found = narrow({}, ordered)
    assert {stage: found[stage] for stage in ordered} == ordered


def enter(
    cast: Cast, stage: Stage, partners: int | None, note: str = "", revision: int = 0
) -> None:
    actions.enter_stage(
        programme=cast.programme,
        stage=stage,
        partners=partners,
        note=note,
        revision=revision,
        by=cast["trial_manager"],
        now=NOW,
    )


def counts(cast: Cast, trial: Trial | None = None, today: date = TODAY) -> dict[str, int]:
    return {one.stage.value: one.partners for one in funnel(cast.programme, trial, today)}


def test_history_is_entered_and_the_rest_is_counted(cast: Cast) -> None:
    enter(cast, Stage.ASKED, 152, "Every English authority.")
    enter(cast, Stage.RESPONDED, 35)
    enter(cast, Stage.CODESIGN, 15)
    assert counts(cast) == {
        "asked": 152,
        "responded": 35,
        "codesign": 15,
        "matched": 3,
        "agreed": 0,
        "launched": 0,
    }


def test_each_stage_is_counted_from_its_rows(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    for _ in range(4):
        make_expression(call)
    make_partner(cast, make_expression(call))
    actions.save_agreement(
        trial=cast.trial,
        partner=cast.dudley,
        terms=actions.Terms(
            Signing.SIGNED, reference="DSA 1", signed_on=TODAY, launch_on=date(2026, 3, 9)
        ),
        revision=0,
        by=cast["second"],
        now=NOW,
    )
    before = {"responded": 5, "shortlisted": 3, "matched": 3, "agreed": 1, "launched": 0}
    assert counts(cast) == before
    assert counts(cast, today=date(2026, 3, 9)) == {**before, "launched": 1}


def test_partner_that_left_was_matched_and_one_matched_by_mistake_was_not(cast: Cast) -> None:
    coffee = Trial.objects.create(
        programme=cast.programme, slug="coffee", title="Coffee", created_at=NOW
    )
    for code, mistaken in (("kent", False), ("medway", True)):
        partner = Partner.objects.create(programme=cast.programme, code=code, name=code.title())
        match = actions.match_partner(
            trial=coffee, partner=partner, reason="Fits.", by=cast["second"], now=NOW
        )
        actions.unmatch_partner(
            match=match, reason="Left.", mistaken=mistaken, by=cast["second"], now=NOW
        )
    assert counts(cast)["matched"] == 4
    assert counts(cast, coffee)["matched"] == 1


def test_trial_has_its_own_last_stages_and_says_where_the_others_went(cast: Cast) -> None:
    coffee = Trial.objects.create(
        programme=cast.programme, slug="coffee", title="Coffee", created_at=NOW
    )
    enter(cast, Stage.ASKED, 152)
    enter(cast, Stage.MATCHED, 12)
    actions.match_partner(
        trial=coffee, partner=cast.dudley, reason="Fits.", by=cast["second"], now=NOW
    )
    assert funnel_csv(cast.programme, coffee, TODAY).decode().splitlines() == [
        "stage,partners,note",
        "Asked to take part,152,",
        "Matched to this trial,1,Others were matched to other trials.",
    ]


def test_number_that_would_make_the_funnel_rise_is_refused(cast: Cast) -> None:
    enter(cast, Stage.RESPONDED, 35)
    for stage, partners in ((Stage.ASKED, 34), (Stage.CODESIGN, 36)):
        with pytest.raises(RefusedError, match="Responded to the call"):
            enter(cast, stage, partners)


def test_number_below_what_the_site_holds_is_refused(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="holds 3"):
        enter(cast, Stage.RESPONDED, 2)


def test_number_can_be_taken_back(cast: Cast) -> None:
    enter(cast, Stage.ASKED, 152)
    enter(cast, Stage.ASKED, None, revision=1)
    assert "asked" not in counts(cast)


def test_second_of_two_editors_is_told(cast: Cast) -> None:
    enter(cast, Stage.ASKED, 152)
    with pytest.raises(MovedOnError):
        enter(cast, Stage.ASKED, 150)


def test_note_names_nobody(cast: Cast) -> None:
    with pytest.raises(InputError):
        enter(cast, Stage.ASKED, 152, "Counted by Sarah Jones")


def test_archive_takes_the_file(cast: Cast, tmp_path: Path) -> None:
    enter(cast, Stage.ASKED, 152, "Every English authority, by letter.")
    file = tmp_path / "funnel.csv"
    file.write_bytes(funnel_csv(cast.programme, today=TODAY))
    table = read_table(file)
    assert table.columns == ["stage", "partners", "note"]
    assert list(_check_funnel(table)) == []


def test_stages_nobody_reached_are_left_out_of_the_file(cast: Cast) -> None:
    assert funnel_csv(cast.programme, today=TODAY).decode().splitlines()[-1] == (
        "Matched to a trial,3,"
    )


def test_database_holds_one_number_for_each_known_stage(cast: Cast) -> None:
    enter(cast, Stage.ASKED, 152)
    for stage in ("asked", "invented"):
        with pytest.raises(IntegrityError), transaction.atomic():
            FunnelStage.objects.create(programme=cast.programme, stage=stage)


def test_no_file_is_written_while_nobody_reached_any_stage(cast: Cast) -> None:
    cast.trial.participations.all().delete()
    assert funnel_csv(cast.programme) == b""
