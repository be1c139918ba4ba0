"""What was sent from here is in the archive, day by day, and is not mixed with what was given."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from lighttouch.core.archive.delivering import find_reached
from lighttouch.core.archive.layout import DELIVERIES, DELIVERY_COLUMNS
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.web.analysis import actions
from lighttouch.web.delivery.models import Delivery, State
from lighttouch.web.delivery.sending import send_due
from lighttouch.web.delivery.transports.base import Outcome, Result
from lighttouch.web.programmes.models import Trial
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.delivery import cases, worded
from tests.web.delivery.conftest import Told

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])


def given(cast: Cast, intervention: str, step: str = "post_letter") -> bytes:
    """A table with one delivery of an intervention at Dudley."""
    person = cases.people_of(cast, cast.dudley)[0].staff_id
    row = f"dudley/{person},{intervention},{step},2026-04-07,delivered,2026-04-09"
    return f"{','.join(DELIVERY_COLUMNS)}\n{row}\n".encode()


def attach(cast: Cast, content: bytes) -> None:
    actions.attach_table(
        trial=cast.trial, name=DELIVERIES, content=content, by=cast["trial_manager"], now=NOW
    )


def archived(trial: Trial, folder: Path) -> pl.DataFrame:
    """The deliveries of a trial's archive, as the core reads them."""
    actions.write_archive(trial, folder)
    found = read_archive(folder).deliveries
    assert found is not None
    return found


def test_history_by_day_comes_back_from_the_archive(cast: Cast, tmp_path: Path) -> None:
    worded.ready(cast)
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    mailing = worded.mailing(cast)
    [one, other] = worded.deliveries(mailing)[:2]
    told = Told()
    results = iter([Result.LATER, Result.REFUSED, Result.ACCEPTED])
    told.answer = lambda message: Outcome(next(results), "busy", wait=timedelta(days=1))
    worded.keep([one, other])
    for days in (0, 1):
        send_due(mailing.due_at + timedelta(days=days, minutes=1 + days), transports=told)
    frame = archived(cast.trial, tmp_path / "archive")
    ours = frame.filter(pl.col("intervention") == "recognition_letter")
    code = f"dudley/{one.participant.staff_id}"
    history = ours.filter((pl.col("participant") == code) & (pl.col("due") == "2026-04-07"))
    assert history.sort("at").select("state", "at").rows() == [
        ("planned", NOW.date().isoformat()),
        ("accepted", "2026-04-08"),
    ]
    reached = find_reached(frame)
    assert reached is not None
    assert reached["participant"].to_list() == [code]
    asked = frame.filter(pl.col("intervention") == "survey")
    assert set(asked["step"]) == {
        f"baseline-{k}" for k in ("invitation", "reminder-1", "reminder-2")
    }
    assert Delivery.objects.get(pk=other.pk).state == State.FAILED


def test_deliveries_of_one_intervention_come_from_one_source(cast: Cast) -> None:
    worded.ready(cast)
    with pytest.raises(ArchiveError, match="this site sends recognition_letter itself"):
        attach(cast, given(cast, "recognition_letter"))
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    with pytest.raises(ArchiveError, match="this site sends survey itself"):
        attach(cast, given(cast, "survey", "baseline-invitation"))


def test_what_was_given_of_other_things_stands_beside_what_is_sent(
    cast: Cast, tmp_path: Path
) -> None:
    attach(cast, given(cast, "recognition_letter"))
    cases.plan(cast, cases.open_survey(cast, cast.dudley))
    frame = archived(cast.trial, tmp_path / "archive")
    assert set(frame["intervention"]) == {"recognition_letter", "survey"}


def test_what_was_given_as_a_table_is_not_planned_and_the_page_says_why(
    cast: Cast, sign_in: SignIn
) -> None:
    attach(cast, given(cast, "recognition_letter"))
    worded.put_in_words(cast)
    with pytest.raises(InputError, match="deliveries of recognition_letter were given"):
        worded.plan(cast)
    page = sign_in("researcher").get("/trials/letters/delivery/").content.decode()
    assert "deliveries of recognition_letter were given as a table" in page
