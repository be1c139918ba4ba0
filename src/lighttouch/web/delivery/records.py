"""Deliveries as the archive keeps them: the state each came to, day by day."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from lighttouch.core.archive.delivering import delivery_steps, survey_step
from lighttouch.core.archive.layout import DELIVERY_COLUMNS
from lighttouch.core.protocol.checks_messages import SURVEY
from lighttouch.web.delivery.models import Passage
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.ui.dates import day_of

CHUNK = 20_000
Row = tuple[str, ...]


class _Passed(NamedTuple):
    delivery: int
    state: str
    at: datetime
    partner: str
    staff_id: str
    wave: str | None
    kind: str
    number: int
    intervention: str
    act: str
    due_at: datetime


def deliveries_csv(trial: Trial) -> bytes:
    """Return ``deliveries.csv`` of what this site planned and sent; empty if that is nothing.

    What an amendment took out of the trial file is left out, as the archive knows no such step.
    """
    import polars as pl

    from lighttouch.core.archive.tabular import table_bytes

    rows = list(_rows(trial))
    if not rows:
        return b""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(DELIVERY_COLUMNS, pl.String), orient="row")
    return table_bytes(frame)


def _rows(trial: Trial) -> Iterator[Row]:
    known = delivery_steps(declared(trial))
    passed = (
        Passage.objects.filter(delivery__step__trial=trial)
        .order_by("delivery", "pk")
        .values_list(
            "delivery",
            "state",
            "at",
            "delivery__participant__partner__code",
            "delivery__participant__staff_id",
            "delivery__step__survey__wave",
            "delivery__step__kind",
            "delivery__step__number",
            "delivery__step__intervention",
            "delivery__step__act",
            "delivery__mailing__due_at",
        )
        .iterator(chunk_size=CHUNK)
    )
    for _, history in groupby((_Passed(*row) for row in passed), key=itemgetter(0)):
        listed = list(history)
        if _step(listed[0]) in known:
            yield from _by_day(listed)


def _step(one: _Passed) -> tuple[str, str]:
    if one.wave is None:
        return one.intervention, one.act
    return SURVEY, survey_step(one.wave, one.kind, one.number)


def _by_day(history: list[_Passed]) -> Iterator[Row]:
    """Yield the state at the end of each day on which it was another than before."""
    ends: dict[str, str] = {}
    for one in history:
        ends[day_of(one.at).isoformat()] = one.state
    first, before = history[0], ""
    about = (f"{first.partner}/{first.staff_id}", *_step(first), day_of(first.due_at).isoformat())
    for day in sorted(ends):
        if ends[day] != before:
            yield (*about, ends[day], day)
        before = ends[day]
