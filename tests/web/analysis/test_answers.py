"""Answers to the site's own surveys reach the archive, and from there the core."""

from pathlib import Path

import polars as pl
import pytest

from lighttouch.core.archive.allocating import verify_allocation
from lighttouch.core.archive.layout import RESPONSES
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.core.progress import no_progress
from lighttouch.core.reporting.pipeline import check_results
from lighttouch.web.analysis import actions, packing
from lighttouch.web.enrolment.models import Withdrawal
from lighttouch.web.surveys import actions as surveys
from lighttouch.web.surveys.models import Survey
from tests.web.analysis.conftest import unblind
from tests.web.cast import NOW, Cast
from tests.web.surveys.cases import OPENED_AT, agreed, link_of, open_baseline

HAND_MADE = b"participant,wave,item,value\n"


def have_answered(survey: Survey, place: int, values: dict[str, str]) -> str:
    link = link_of(survey, place=place)
    device = agreed(link, cookie=f"browser-{place}")
    surveys.answer(
        response=device.response, values=values, device=device, now=OPENED_AT, seconds={}
    )
    surveys.finish(response=device.response, now=OPENED_AT)
    return f"dudley/{link.participant.staff_id}"


def built(cast: Cast, folder: Path) -> Path:
    build = actions.build_archive(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    packing.unpack(bytes(build.file.content), folder)
    return folder


def test_answers_given_here_are_read_back_by_the_core(cast: Cast, tmp_path: Path) -> None:
    survey = open_baseline(cast)
    item = survey.asked[0]["items"][0]["id"]
    people = [have_answered(survey, place, {item: str(5 + place)}) for place in range(3)]
    gone = link_of(survey, place=2)
    surveys.withdraw(link=gone, how=Withdrawal.ERASE, now=OPENED_AT)
    declined = link_of(survey, place=4)
    surveys.decline(link=declined, cookie="a-browser", now=OPENED_AT)
    archive = read_archive(built(cast, tmp_path / "archive"))
    assert archive.responses is not None
    assert archive.events is not None
    assert archive.responses.rows() == [
        (people[0], "baseline", item, "5", None),
        (people[1], "baseline", item, "6", None),
    ]
    said = archive.events.filter(pl.col("event") == "consent").select("participant", "detail")
    assert (people[0], "baseline: agreed") in said.rows()
    assert (f"dudley/{declined.participant.staff_id}", "baseline: declined") in said.rows()
    withdrawn = archive.events.filter(pl.col("event") == "withdrawal")
    assert withdrawn["participant"].to_list() == [people[2]]


def test_report_and_replay_work_with_answers_given_here(cast: Cast, tmp_path: Path) -> None:
    survey = open_baseline(cast)
    item = survey.asked[0]["items"][0]["id"]
    for place in range(3):
        have_answered(survey, place, {item: str(5 + place)})
    unblind(cast.trial)
    folder = built(cast, tmp_path / "archive")
    archive, same = check_results(folder, progress=no_progress)
    assert same is True
    assert archive.responses is not None
    assert archive.responses.height == 3
    assert verify_allocation(folder).confirmed


def test_a_table_of_answers_is_refused_beside_a_survey(cast: Cast) -> None:
    open_baseline(cast)
    with pytest.raises(ArchiveError, match="one source only"):
        actions.attach_table(
            trial=cast.trial, name=RESPONSES, content=HAND_MADE, by=cast["trial_manager"], now=NOW
        )


def test_a_survey_is_refused_beside_a_table_of_answers(cast: Cast) -> None:
    actions.attach_table(
        trial=cast.trial, name=RESPONSES, content=HAND_MADE, by=cast["trial_manager"], now=NOW
    )
    with pytest.raises(InputError, match="given as a table"):
        open_baseline(cast)
    assert not Survey.objects.exists()
