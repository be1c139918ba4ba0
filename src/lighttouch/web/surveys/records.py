"""Answers and consent as the archive keeps them."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from lighttouch.core.archive.layout import TIMED_COLUMNS
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.programmes.models import Trial
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.asking import asked_items
from lighttouch.web.surveys.models import Answer, Link, Response, Survey

if TYPE_CHECKING:
    import polars as pl

WITHHELD = "[withheld: looked personal]"
CHUNK = 20_000

Row = tuple[str, str, str, str]
TimedRow = tuple[str, str, str, str, str]


def responses_csv(trial: Trial) -> bytes:
    """Return ``responses.csv``, one row per answered item; empty if nobody answered.

    With the seconds each question was in sight, never the moment. ``Prefer not to say`` is no row.
    Own words that look personal are withheld, as the archive refuses them.
    """
    import polars as pl

    from lighttouch.core.archive.tabular import table_bytes

    rows = list(_answers(trial))
    if not rows:
        return b""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(TIMED_COLUMNS, pl.String), orient="row")
    return table_bytes(frame.with_columns(_without_personal(frame["value"])))


def _without_personal(values: "pl.Series") -> "pl.Series":
    import polars as pl

    from lighttouch.core.archive.guarding import find_personal

    suspect = pl.Series([False] * len(values))
    for rows in find_personal(values).values():
        suspect = suspect | rows
    held = pl.Series([WITHHELD] * len(values))
    return values.zip_with(~suspect, held).alias("value")


def _answers(trial: Trial) -> Iterator[TimedRow]:
    found = (
        Answer.objects.filter(response__survey__trial=trial)
        .exclude(value="")
        .order_by(
            "response__participant__partner__code",
            "response__participant__staff_id",
            "response__survey__pk",
            "pk",
        )
        .values_list(
            "response__participant__partner__code",
            "response__participant__staff_id",
            "response__survey__wave",
            "item",
            "value",
            "seconds",
        )
    )
    for partner, staff_id, wave, item, value, seconds in found.iterator(CHUNK):
        yield f"{partner}/{staff_id}", wave, item, value, "" if seconds is None else str(seconds)


def events_rows(trial: Trial) -> list[Row]:
    """Return what to add to ``events.csv``: consent, erasure, and answers that are partial.

    In the columns of the layout: participant, event, at, detail; the day, never the hour.
    """
    asked = _Asked(trial)
    found = (
        Response.objects.filter(survey__trial=trial)
        .select_related("participant__partner", "survey")
        .annotate(given=Count("answers"))
        .order_by("participant__partner__code", "participant__staff_id", "survey__pk")
    )
    rows: list[Row] = []
    for one in found:
        who, wave = _code(one.participant), one.survey.wave
        rows.append((who, "consent", _day(one.consented_at), f"{wave}: {one.consent}"))
        if one.finished_at is not None:
            rows.append((who, "survey_finished", _day(one.finished_at), wave))
        if one.erased_at is not None:
            rows.append((who, "answers_erased", _day(one.erased_at), wave))
        elif 0 < one.given < (items := asked.count(one)):
            detail = f"{wave}: {one.given} of {items} items"
            rows.append((who, "survey_partial", _day(one.touched_at), detail))
    return rows


class _Asked:
    """How many items each person was asked: what one's arm is not asked is not missing."""

    def __init__(self, trial: Trial) -> None:
        self._surveys = {one.pk: one for one in Survey.objects.filter(trial=trial)}
        links = Link.objects.filter(survey__trial=trial, ended_at=None).exclude(variant="")
        self._variants = {
            (survey, person): variant
            for survey, person, variant in links.values_list("survey", "participant", "variant")
        }

    def count(self, response: Response) -> int:
        who = response.survey_id, response.participant_id
        survey = self._surveys[response.survey_id]
        return len(asked_items(survey, self._variants.get(who, "")))


def _code(participant: Participant) -> str:
    return f"{participant.partner.code}/{participant.staff_id}"


def _day(moment: datetime) -> str:
    return today_of(moment).isoformat()
