"""Absence from work: spells of illness, their lengths, leave, and leaving for good.

Everything random is drawn beforehand as *luck*, the same whichever arm a person is in; an arm
only changes rates. So each person has one absence record per arm that might have been, and the
difference between them is the true effect on that person.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lighttouch.core.simulation.profile import Absence, Leaving
from lighttouch.core.simulation.workforce import Floats, Ints

LONGEST_RUN = 16
"""Spells one person may have in one stretch of time; more are beyond any rate we draw."""
NEVER = 1e-9
"""The smallest rate of leaving in a day: nobody leaves within a lifetime of trials."""
WORKING_YEAR = 253.0
"""Working days in a year, Monday to Friday less eight bank holidays."""


@dataclass(frozen=True, slots=True)
class AbsenceLuck:
    """What chance holds for each person in one stretch of time.

    Parameters
    ----------
    spells
        Uniform numbers, shape (people,): how many spells.
    lengths
        Working days of each possible spell, shape (people, ``LONGEST_RUN``).
    leave
        Share of the working days taken as leave, shape (people,).
    """

    spells: Floats
    lengths: Ints
    leave: Floats


@dataclass(frozen=True, slots=True)
class AbsenceRecord:
    """Absence in a stretch of time, in working days; each array has shape (people,)."""

    illness_days: Floats
    illness_spells: Floats
    absence_days: Floats

    def __add__(self, other: "AbsenceRecord") -> "AbsenceRecord":
        return AbsenceRecord(
            self.illness_days + other.illness_days,
            self.illness_spells + other.illness_spells,
            self.absence_days + other.absence_days,
        )


def draw_absence_luck(rng: np.random.Generator, absence: Absence, people: int) -> AbsenceLuck:
    """Draw what chance holds for so many people."""
    shape = (people, LONGEST_RUN)
    short = rng.geometric(1 / absence.short_spell, shape)
    long = rng.geometric(1 / absence.long_spell, shape)
    lengths = np.where(rng.random(shape) < absence.long_share, long, short)
    share = absence.leave_per_year / WORKING_YEAR
    multiplier = 1 + absence.leave_cv * rng.standard_normal(people)
    return AbsenceLuck(rng.random(people), lengths, np.clip(share * multiplier, 0.0, 0.9))


def simulate_absence(luck: AbsenceLuck, *, spells: Floats, days: Floats) -> AbsenceRecord:
    """Turn luck and rates into an absence record.

    Parameters
    ----------
    luck
        What chance holds.
    spells
        Expected spells in a year at work, shape (people,).
    days
        Working days each person was due at work in the stretch, shape (people,).

    Returns
    -------
    AbsenceRecord
        Illness never exceeds the days due; a spell takes at least a day; leave comes in half days
        out of what illness left; ``absence_days`` is illness and leave together.

    Examples
    --------
    >>> spells_of_a_day = np.ones((1, LONGEST_RUN), dtype=np.int64)
    >>> luck = AbsenceLuck(np.array([0.0]), spells_of_a_day, np.array([0.1]))
    >>> simulate_absence(luck, spells=np.array([1.0]), days=np.array([40.0])).absence_days
    array([4.])
    """
    expected = spells * days / WORKING_YEAR
    number = np.minimum(stats.poisson.ppf(luck.spells, expected), LONGEST_RUN).astype(np.int64)
    counted = np.arange(LONGEST_RUN) < number[:, None]
    whole = np.floor(days)
    illness = np.minimum((luck.lengths * counted).sum(axis=1), whole).astype(float)
    leave = np.minimum(np.round(2 * luck.leave * days) / 2, days - illness)
    return AbsenceRecord(illness, np.minimum(number, illness).astype(float), illness + leave)


def simulate_leaving(
    luck: Floats, leaving: Leaving, *, ratio: Floats | float, wellbeing: Floats
) -> Floats:
    """Return how many days after launch each person leaves; beyond the trial for most.

    Parameters
    ----------
    luck
        Uniform numbers, shape (people,).
    ratio
        What the arm multiplies the rate of leaving by.
    wellbeing
        Standard normal, shape (people,); ``leaving.wellbeing_slope`` is the change of the log
        rate for one of its standard deviations.

    Examples
    --------
    >>> rate = Leaving(per_year=0.5)
    >>> simulate_leaving(np.array([0.5]), rate, ratio=1.0, wellbeing=np.zeros(1)).round()
    array([506.])
    """
    slope = leaving.wellbeing_slope
    rate = leaving.per_year / 365.25 * ratio * np.exp(slope * wellbeing - slope**2 / 2)
    days: NDArray[np.float64] = -np.log1p(-luck) / np.maximum(rate, NEVER)
    return days
