"""The flow of participants adds up, whatever happens; small cells are hidden from most."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.web.enrolment.actions import freeze, note_arms, record_many
from lighttouch.web.enrolment.models import ArmCount, Event, Participant, Roster, Withdrawal
from lighttouch.web.enrolment.preview import preview
from lighttouch.web.enrolment.queries import exclusions, find_roster, flow, verify_flow
from lighttouch.web.enrolment.tables import Exclusions
from lighttouch.web.enrolment.telling import Told
from lighttouch.web.programmes.models import Partner
from lighttouch.web.returns.models import Return
from tests.web.cast import Cast
from tests.web.enrolment.cases import LATER

DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 21))
TOLD = st.one_of(
    st.tuples(st.just(Event.LEFT), DAYS, st.just(""), st.just("")),
    st.tuples(st.just(Event.ON_LEAVE), DAYS, st.just(""), st.just("")),
    st.tuples(st.just(Event.RETURNED), DAYS, st.just(""), st.just("")),
    st.tuples(st.just(Event.TRANSFER), DAYS, st.just(""), st.sampled_from(["T1", "T2"])),
    st.tuples(st.just(Event.WITHDRAWAL), DAYS, st.sampled_from(Withdrawal.values), st.just("")),
)
SEQUENCES = st.lists(st.tuples(st.integers(0, 390), TOLD), max_size=30)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sequence=SEQUENCES)
def test_no_sequence_of_happenings_changes_who_counts(
    cast: Cast, sequence: list[tuple[int, tuple[Event, date, str, str]]]
) -> None:
    people = list(
        Participant.objects.filter(trial=cast.trial).select_related("partner").order_by("pk")
    )
    with transaction.atomic():
        before = flow(cast.trial)
        for at, (event, on, detail, team) in sequence:
            record_many(
                trial=cast.trial,
                partner=people[at].partner,
                told=[Told(people[at].staff_id, event, on, detail, team)],
                by=cast["trial_manager"],
                now=LATER,
            )
        verify_flow(cast.trial)
        after = flow(cast.trial)
        touched = {at for at, _ in sequence if not people[at].excluded_because}
        assert (after.exclusions, after.arms) == (before.exclusions, before.arms)
        since = after.since
        assert since.erased <= since.stop_collection <= since.stop_contact <= len(touched)
        assert max(since.left, since.moved, since.on_leave) <= len(touched)
        transaction.set_rollback(True)


def test_flow_adds_up_from_everyone_screened_to_the_arms(cast: Cast) -> None:
    roster = Roster.objects.get()
    note_arms(roster=roster, counts={"letter": (170, 170), "waitlist": (170, 170)})
    told = flow(cast.trial)
    assert told.screened == 391
    assert told.screened == sum(told.excluded.values()) + told.enrolled
    assert told.enrolled == sum(arm.people for arm in told.arms)
    assert [arm.label for arm in told.arms] == ["Letter", "Waitlist"]


def test_arms_that_are_not_everybody_are_refused(cast: Cast) -> None:
    with pytest.raises(InputError, match="not those enrolled"):
        note_arms(
            roster=Roster.objects.get(), counts={"letter": (170, 170), "waitlist": (169, 169)}
        )
    ArmCount.objects.create(trial=cast.trial, arm="letter", units=1, people=1)
    with pytest.raises(ArchiveError, match="does not add up: the arms"):
        flow(cast.trial)


def test_there_is_no_flow_before_the_roster_is_frozen(returned: Cast) -> None:
    assert find_roster(returned.trial) is None
    with pytest.raises(ArchiveError, match="not frozen yet"):
        flow(returned.trial)


def test_flow_takes_the_same_number_of_queries_however_many_partners(cast: Cast) -> None:
    flow(cast.trial)
    with CaptureQueriesContext(
        connection,
    ) as few:
        flow(cast.trial)
    assert len(few) <= 8


def test_preview_counts_what_freezing_will(returned: Cast) -> None:
    seen = preview(returned.trial)
    assert seen.ready
    freeze(trial=returned.trial, by=returned["trial_manager"], now=LATER)
    assert seen.exclusions is not None
    assert seen.exclusions.counts == exclusions(returned.trial).counts


def test_preview_names_who_is_missing_and_counts_the_rest(returned: Cast) -> None:
    Return.objects.filter(partner=returned.dudley).update(
        accepted=None, signed_off_at=None, signed_off_by=None
    )
    seen = preview(returned.trial)
    assert seen.missing == (returned.dudley,)
    assert not seen.ready
    assert seen.exclusions is not None
    assert returned.dudley not in seen.exclusions.partners


def test_preview_of_a_trial_without_returns_has_nothing_to_count(returned: Cast) -> None:
    Return.objects.update(accepted=None, signed_off_at=None, signed_off_by=None)
    seen = preview(returned.trial)
    assert (len(seen.missing), seen.exclusions, seen.ready) == (3, None, False)


def table(*rows: tuple[int, int, int]) -> Exclusions:
    """A table of two rules and the enrolled at some partners."""
    partners = [Partner(code=f"p{at}", name=f"Partner {at}") for at in range(len(rows))]
    counts = {
        (partner.code, rule): n
        for partner, row in zip(partners, rows, strict=True)
        for rule, n in zip(("left", "agency", ""), row, strict=True)
    }
    return Exclusions({"left": "Left", "agency": "Agency staff"}, tuple(partners), counts)


def test_small_cells_and_what_gives_them_away_are_hidden() -> None:
    shown = table((2, 30, 100), (12, 40, 200), (9, 11, 90)).show(exact=False)
    assert shown.hidden
    small = shown.rows[0][1]
    assert small[0] == "fewer than 5"
    assert sum(cell == "fewer than 5" for cell in small) >= 2
    column = [cells[0] for _, cells in shown.rows]
    assert column.count("fewer than 5") >= 2


def test_whoever_may_see_them_sees_every_count() -> None:
    shown = table((2, 30, 100), (12, 40, 200)).show(exact=True)
    assert not shown.hidden
    assert shown.rows[0][1] == ("2", "30", "32", "100", "132")
    assert shown.total == ("14", "70", "84", "300", "384")


@settings(max_examples=200, deadline=None)
@example(rows=[(0, 0, 1)])
@example(rows=[(0, 0, 0), (1, 2, 100), (9, 9, 3)])
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 40)),
        min_size=1,
        max_size=5,
    )
)
def test_no_line_of_the_table_gives_a_hidden_count_away(rows: list[tuple[int, int, int]]) -> None:
    shown = table(*rows).show(exact=False)
    for cells in (*(cells for _, cells in shown.rows), shown.total):
        *reasons, left_out, enrolled, screened = [cell == "fewer than 5" for cell in cells]
        assert sum((*reasons, left_out)) != 1  # the others would give it away
        assert not (left_out and not enrolled and not screened)
        assert not (enrolled and not left_out and not screened)
        known = [int(cell.replace(",", "")) for cell in cells if cell != "fewer than 5"]
        assert not [n for n in known if 0 < n < 5]


def test_noughts_and_large_counts_are_not_hidden() -> None:
    assert not table((0, 30, 100), (0, 40, 200)).show(exact=False).hidden


def test_hiding_small_cells_of_many_partners_is_quick() -> None:
    rows = [(at % 7, 3 + at % 11, 80 + at) for at in range(150)]
    shown = table(*rows).show(exact=False)
    assert all("fewer than 5" in cells for name, cells in shown.rows if int(name[8:]) % 7 in (1, 2))


def test_partners_own_counts_are_part_of_the_whole(cast: Cast) -> None:
    whole = exclusions(cast.trial)
    parts = [whole.of_partner(partner) for partner in whole.partners]
    assert sum(part.screened for part in parts) == whole.screened
    assert sum(part.enrolled for part in parts) == whole.enrolled


def test_trial_that_leaves_nobody_out_has_a_table_too() -> None:
    partner = Partner(code="p", name="Partner")
    for people in (3, 30):
        shown = Exclusions({}, (partner,), {("p", ""): people}).show(exact=False)
        assert shown.headings == ("Left out", "Enrolled", "Screened")
        assert (shown.enrolled == "fewer than 5") == (people < 5)
    assert Exclusions({}, (), {}).show(exact=False).total == ("0", "0", "0")
