"""Absence and leaving."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.simulation.absence import (
    LONGEST_RUN,
    WORKING_YEAR,
    AbsenceLuck,
    draw_absence_luck,
    simulate_absence,
    simulate_leaving,
)
from lighttouch.core.simulation.profile import Absence, Leaving
from lighttouch.core.simulation.profiles import read_profile

PEOPLE = 4000
ABSENCE = read_profile("generic").absence
MONTE_CARLO = 4.5
"""Standard errors a simulated mean may be off."""


def _luck(seed: int, people: int = PEOPLE, absence: Absence = ABSENCE) -> AbsenceLuck:
    return draw_absence_luck(np.random.default_rng(seed), absence, people)


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.floats(0, 60), st.floats(0, 260))
def test_absence_fits_in_the_days_due(seed: int, spells: float, days: float) -> None:
    due = np.full(200, days)
    record = simulate_absence(_luck(seed, 200), spells=np.full(200, spells), days=due)
    assert (record.absence_days <= due).all()
    assert (record.illness_days <= record.absence_days).all()
    assert (record.illness_spells <= record.illness_days).all()
    assert ((record.illness_spells > 0) == (record.illness_days > 0)).all()
    assert (record.illness_days % 1 == 0).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.floats(0.1, 3), st.floats(1, 3))
def test_absence_grows_with_the_rate_for_every_person(
    seed: int, spells: float, ratio: float
) -> None:
    luck, days = _luck(seed, 300), np.full(300, 120.0)
    less = simulate_absence(luck, spells=np.full(300, spells), days=days)
    more = simulate_absence(luck, spells=np.full(300, spells * ratio), days=days)
    assert (more.illness_days >= less.illness_days).all()


def test_absence_has_the_expected_spells_and_lengths() -> None:
    days = np.full(PEOPLE, WORKING_YEAR)
    record = simulate_absence(_luck(1), spells=np.full(PEOPLE, 1.0), days=days)
    assert abs(record.illness_spells.mean() - 1) < MONTE_CARLO / np.sqrt(PEOPLE)
    share, short, long = ABSENCE.long_share, ABSENCE.short_spell, ABSENCE.long_spell
    length = (1 - share) * short + share * long
    error = record.illness_days.std() / np.sqrt(PEOPLE)
    assert abs(record.illness_days.mean() - length) < MONTE_CARLO * error


def test_absence_of_the_healthy_is_leave_alone() -> None:
    days = np.full(PEOPLE, WORKING_YEAR)
    record = simulate_absence(_luck(2), spells=np.zeros(PEOPLE), days=days)
    assert (record.illness_days == 0).all()
    assert abs(record.absence_days.mean() - ABSENCE.leave_per_year) < 1.5
    assert (record.absence_days * 2 % 1 == 0).all()


def test_absence_spells_are_capped() -> None:
    record = simulate_absence(_luck(3, 50), spells=np.full(50, 500.0), days=np.full(50, 250.0))
    assert (record.illness_spells <= LONGEST_RUN).all()


def test_absence_of_two_stretches_adds_up() -> None:
    days = np.full(10, 60.0)
    first = simulate_absence(_luck(4, 10), spells=np.full(10, 9.0), days=days)
    second = simulate_absence(_luck(5, 10), spells=np.full(10, 9.0), days=days)
    both = first + second
    assert (both.illness_days == first.illness_days + second.illness_days).all()
    assert (both.illness_spells == first.illness_spells + second.illness_spells).all()
    assert (both.absence_days == first.absence_days + second.absence_days).all()


def test_leaving_happens_at_the_declared_rate() -> None:
    luck = np.random.default_rng(6).random(PEOPLE)
    leaving = Leaving(per_year=0.16)
    days = simulate_leaving(luck, leaving, ratio=1.0, wellbeing=np.zeros(PEOPLE))
    within = (days < 365.25).mean()
    expected = 1 - np.exp(-0.16)
    assert abs(within - expected) < MONTE_CARLO * np.sqrt(expected * (1 - expected) / PEOPLE)


def test_leaving_comes_later_for_everyone_when_an_arm_lowers_it() -> None:
    luck = np.random.default_rng(7).random(100)
    leaving = Leaving(per_year=0.16, wellbeing_slope=-0.3)
    wellbeing = np.random.default_rng(8).standard_normal(100)
    usual = simulate_leaving(luck, leaving, ratio=1.0, wellbeing=wellbeing)
    treated = simulate_leaving(luck, leaving, ratio=0.5, wellbeing=wellbeing)
    assert (treated > usual).all()
    low, high = simulate_leaving(
        np.full(2, 0.5), leaving, ratio=1.0, wellbeing=np.array([-1.0, 1.0])
    )
    assert low < high


def test_leaving_never_happens_at_no_rate() -> None:
    days = simulate_leaving(
        np.array([0.0, 0.5, 0.999]), Leaving(per_year=0.0), ratio=1.0, wellbeing=np.zeros(3)
    )
    assert days[1] > 365 * 1000
    assert np.isfinite(days).all()
