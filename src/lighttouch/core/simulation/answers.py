"""Answers to questionnaires: a latent trait for each instrument, and items that express it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from lighttouch.core.instruments.model import (
    CHOICE_SEPARATOR,
    ChoiceResponse,
    Instrument,
    NumberResponse,
    ScaleResponse,
)
from lighttouch.core.protocol.base import Identifier, Part
from lighttouch.core.simulation.profile import Shares, Skewed
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.workforce import Floats, draw_categories, draw_skewed

CHOSEN = 0.35
"""Share choosing each option where several may be chosen."""


class Scale(Part):
    """How one instrument's answers are spread; see the head of ``scales.toml``."""

    instrument: Identifier
    mean: float
    sd: float = Field(gt=0)
    correlation: float = Field(gt=0, le=1)
    wellbeing: float = Field(ge=-1, le=1)
    against: tuple[Identifier, ...] = ()


class Number(Skewed):
    """How a question asking for a number is answered."""

    item: Identifier
    minimum: float = 0.0


class Choice(Part):
    """How often each option of a question is chosen."""

    item: Identifier
    shares: Shares


class _ScalesFile(Part):
    scale: tuple[Scale, ...]
    number: tuple[Number, ...]
    choice: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Scales:
    """How every question is answered, by instrument or item identifier."""

    scales: dict[str, Scale]
    numbers: dict[str, Number]
    choices: dict[str, Choice]

    def of(self, instrument: Instrument, response: ScaleResponse) -> Scale:
        """Return an instrument's spread: that on file, or a plain one over its range."""
        low, high = response.min, response.max
        middle = Scale(
            instrument=instrument.id,
            mean=low + 0.55 * (high - low),
            sd=0.22 * (high - low),
            correlation=0.45,
            wellbeing=0.4,
        )
        return self.scales.get(instrument.id, middle)


@cache
def read_scales() -> Scales:
    """Read the spreads that come with Lighttouch.

    Examples
    --------
    >>> read_scales().scales["burnout"].wellbeing < 0
    True
    """
    text = resources.files("lighttouch.core.simulation").joinpath("scales.toml")
    file = _ScalesFile.model_validate(tomllib.loads(text.read_text(encoding="utf-8")))
    return Scales(
        {one.instrument: one for one in file.scale},
        {one.item: one for one in file.number},
        {one.item: one for one in file.choice},
    )


@dataclass(frozen=True, slots=True)
class AnswerLuck:
    """What chance holds for one instrument at one wave, the same whichever arm.

    Parameters
    ----------
    trait
        The latent trait without any effect, standard normal, shape (people,).
    noise
        What each item adds of its own, standard normal, shape (people, items).
    """

    trait: Floats
    noise: Floats


def draw_answer_luck(
    instrument: Instrument, wave: str, streams: Streams, wellbeing: Floats, steadiness: float
) -> AnswerLuck:
    """Draw an instrument's latent trait at a wave.

    Parameters
    ----------
    wellbeing
        Lasting well-being, standard normal, shape (people,).
    steadiness
        Correlation of the same trait between two waves, from 0 to 1.

    Returns
    -------
    AnswerLuck
        A trait correlated with well-being as ``scales.toml`` says. Its lasting part and the
        occasion's part have variances ``steadiness`` and one less ``steadiness``.
    """
    people = len(wellbeing)
    link = read_scales().of(instrument, _scale_of(instrument)).wellbeing
    lasting = _blend(link, wellbeing, streams.open("trait", instrument.id).standard_normal(people))
    mood = streams.open("mood", wave).standard_normal(people)
    rng = streams.open("answers", wave, instrument.id)
    passing = _blend(link, mood, rng.standard_normal(people))
    trait = np.sqrt(steadiness) * lasting + np.sqrt(1 - steadiness) * passing
    return AnswerLuck(trait, rng.standard_normal((people, len(instrument.items))))


def _scale_of(instrument: Instrument) -> ScaleResponse:
    assert isinstance(instrument.response, ScaleResponse)
    return instrument.response


def _blend(weight: float, common: Floats, own: Floats) -> Floats:
    return np.asarray(weight * common + np.sqrt(1 - weight**2) * own)


def simulate_scale(instrument: Instrument, luck: AnswerLuck, *, shift: Floats | float) -> Floats:
    """Turn a latent trait into whole-number answers, as given, before any reverse scoring.

    Parameters
    ----------
    instrument
        An instrument answered on a scale.
    luck
        What chance holds.
    shift
        Effect on the trait in its standard deviations, shape (people,) or one number.

    Returns
    -------
    ndarray
        Shape (people, items), whole numbers within the scale.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> ladder = read_library().instrument("cantril_ladder")
    >>> luck = AnswerLuck(np.zeros(1), np.zeros((1, 1)))
    >>> simulate_scale(ladder, luck, shift=0.0)
    array([[7.]])
    """
    response = _scale_of(instrument)
    scale = read_scales().of(instrument, response)
    against = {
        item for one in instrument.subscales if one.id in scale.against for item in one.items
    }
    signs = np.array([-1.0 if item.id in against else 1.0 for item in instrument.items])
    middle = (response.min + response.max) / 2
    means = middle + signs * (scale.mean - middle)
    trait = (luck.trait + shift)[:, None] * signs
    raw = means + scale.sd * (
        np.sqrt(scale.correlation) * trait + np.sqrt(1 - scale.correlation) * luck.noise
    )
    answers = np.clip(np.rint(raw), response.min, response.max)
    reversed_ = np.array([item.reversed for item in instrument.items])
    return np.asarray(np.where(reversed_, response.min + response.max - answers, answers))


def draw_background(instrument: Instrument, streams: Streams, people: int) -> NDArray[np.str_]:
    """Draw answers to questions that are no scale, the same at every wave, as text.

    Free text stays empty: nothing a person might have written is invented.

    Returns
    -------
    ndarray of str
        Shape (people, items); an empty text is no answer.
    """
    columns = [_draw_item(instrument, item.id, streams, people) for item in instrument.items]
    return np.stack(columns, axis=1)


def _draw_item(
    instrument: Instrument, item: str, streams: Streams, people: int
) -> NDArray[np.str_]:
    rng = streams.open("background", item)
    response, scales = instrument.response, read_scales()
    if isinstance(response, NumberResponse):
        spread = scales.numbers.get(item, Number(item=item, mean=5.0, sd=4.0, maximum=40.0))
        drawn = np.maximum(np.floor(draw_skewed(rng, spread, people)), spread.minimum)
        return drawn.astype(np.int64).astype(np.str_)
    if not isinstance(response, ChoiceResponse):
        return np.full(people, "")
    if response.kind == "multi_choice":
        chosen = rng.random((people, len(response.options))) < CHOSEN
        return np.array([CHOICE_SEPARATOR.join(np.array(response.options)[row]) for row in chosen])
    even = dict.fromkeys(response.options, 1.0)
    shares = scales.choices[item].shares if item in scales.choices else even
    return draw_categories(rng, shares, people)
