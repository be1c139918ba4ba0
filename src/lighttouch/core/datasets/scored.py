"""Outcomes scored from survey responses: instruments and standardised composites."""

import numpy as np
import numpy.typing as npt
import polars as pl

from lighttouch.core.archive.model import Archive
from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments.answers import pivot_answers
from lighttouch.core.instruments.composite import check_weights, score_composite
from lighttouch.core.instruments.model import Instrument
from lighttouch.core.instruments.own import library_of
from lighttouch.core.instruments.scoring import score_instrument, scored_items
from lighttouch.core.protocol.measures import Component, Composite, FromComposite, FromInstrument

Floats = npt.NDArray[np.float64]


def score_responses(
    archive: Archive, wave_id: str, measure: FromInstrument | Component
) -> pl.DataFrame:
    """Return ``participant`` and ``value`` (Float64): the score of an instrument at a wave.

    Raises
    ------
    InstrumentError
        If the library has no such score, or an answer is not allowed.
    """
    instrument = library_of(archive.trial).instrument(measure.instrument)
    scored_items(instrument, measure.subscale)
    answers = answers_at(archive, wave_id, instrument)
    rule = archive.trial.analysis.missing.items
    scores = score_instrument(instrument, answers, rule=rule, subscale=measure.subscale)
    return scores.rename({"score": "value"})


def answers_at(archive: Archive, wave_id: str, instrument: Instrument) -> pl.DataFrame:
    """Return an instrument's answers at a wave, one row per participant who gave any."""
    nothing = pl.DataFrame(
        schema=dict.fromkeys(("participant", "wave", "item", "value"), pl.String)
    )
    responses = nothing if archive.responses is None else archive.responses
    return pivot_answers(responses, instrument, wave=wave_id)


def score_index(
    archive: Archive, keys: pl.DataFrame, wave_id: str, derive: FromComposite, *, baseline: str
) -> pl.DataFrame:
    """Return ``participant`` and ``value`` (Float64): a standardised composite at a wave.

    Only randomised participants count towards the standardisation. The index is null for everyone
    when the reference group has too few answers to standardise by.

    Parameters
    ----------
    keys
        Randomised participants with their arms.
    baseline
        The wave whose scores standardise when the composite says so.

    Raises
    ------
    InstrumentError
        If the composite's weights do not fit how it combines, or an answer is not allowed.
    """
    composite = next(one for one in archive.trial.composites if one.id == derive.composite)
    weights = np.array([component.weight for component in composite.components])
    check_weights(weights, composite.combine)
    scores = _component_scores(archive, keys, wave_id, composite)
    reference = (keys["arm"] == archive.trial.reference_arm.id).to_numpy()
    before = None
    if composite.standardise_by == "everyone":
        reference = np.ones(len(keys), dtype=bool)
    if composite.standardise_by == "reference_arm_at_baseline":
        before = _component_scores(archive, keys, baseline, composite)[reference]
    try:
        index = score_composite(
            scores,
            reference=reference,
            weights=weights,
            combine=composite.combine,
            missing_components=composite.missing_components,
            reference_components=before,
        )
    except InstrumentError:
        index = np.full(len(keys), np.nan)
    value = pl.Series("value", index, dtype=pl.Float64).fill_nan(None)
    return keys.select("participant", value)


def _component_scores(
    archive: Archive, keys: pl.DataFrame, wave_id: str, composite: Composite
) -> Floats:
    columns = []
    for component in composite.components:
        scores = score_responses(archive, wave_id, component)
        aligned = keys.select("participant").join(
            scores, on="participant", how="left", maintain_order="left"
        )
        columns.append(aligned["value"].fill_null(float("nan")).to_numpy())
    return np.column_stack(columns)
