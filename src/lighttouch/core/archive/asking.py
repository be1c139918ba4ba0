"""Whether answers to questions of some arms come from those arms alone."""

from collections.abc import Iterator

import polars as pl

from lighttouch.core.archive.layout import RESPONSES
from lighttouch.core.archive.tabular import FIRST_ROW
from lighttouch.core.errors import Fault
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.trial import Trial

MOST_PER_FAULT = 20
"""Rows named one by one for one question."""


def check_asked(
    trial: Trial, *, responses: pl.DataFrame, roster: pl.DataFrame, allocation: pl.DataFrame
) -> Iterator[Fault]:
    """Find answers to a question that was not asked of the participant's arm.

    Faults name the row and the item, never the person, the answer or the arm.

    Parameters
    ----------
    responses
        ``participant``, ``wave``, ``item``.
    roster, allocation
        As in the archive; without a column of the allocated unit nothing can be checked.
    """
    unit = _unit(trial, roster)
    asked = {(wave, item): arms for wave, item, arms in _items_of_some_arms(trial)}
    if unit is None or not asked:
        return
    arms = roster.select("participant", unit=unit).join(
        allocation.select("unit", "arm"), on="unit", how="left"
    )
    rows = responses.with_row_index("row", offset=FIRST_ROW).join(
        arms, on="participant", how="left", maintain_order="left"
    )
    for (wave, item), allowed in asked.items():
        own = rows.filter((pl.col("wave") == wave) & (pl.col("item") == item))
        wrong = own.filter(~pl.col("arm").is_in(allowed).fill_null(value=False))
        for row in wrong["row"][:MOST_PER_FAULT]:
            yield Fault(
                "the question was not asked of this participant",
                f"{RESPONSES}, row {row}, item {item}",
                "Correct the row, or the arms of the question in the trial file",
            )


def _items_of_some_arms(trial: Trial) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    library = library_of(trial)
    for wave in trial.waves:
        if wave.survey is None or wave.survey.questionnaire not in library.questionnaires:
            continue
        for entry in library.entries(wave.survey.questionnaire, wave.id):
            if entry.arms:
                for item in library.instrument(entry.instrument).items:
                    yield wave.id, item.id, entry.arms


def _unit(trial: Trial, roster: pl.DataFrame) -> pl.Expr | None:
    if not trial.clustered:
        return pl.col("participant")
    if trial.allocation.unit not in roster.columns:
        return None
    return pl.concat_str("partner", pl.lit("/"), pl.col(trial.allocation.unit).cast(pl.String))
