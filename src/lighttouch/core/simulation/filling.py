"""Filling a study folder: spreadsheets, answers and events, as they would arrive."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lighttouch.core.archive import layout
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.headings import columns_of
from lighttouch.core.simulation.course import Course, observe_courses
from lighttouch.core.simulation.delivery import (
    draw_withdrawals,
    list_events,
    list_recall,
    simulate_deliveries,
    simulate_uptake,
)
from lighttouch.core.simulation.profile import Profile
from lighttouch.core.simulation.records import add_joiners, build_record, select_rows
from lighttouch.core.simulation.spreadsheets import FORMATS, Heading, lay_out_sheet, write_sheet
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.surveys import Survey, simulate_survey
from lighttouch.core.simulation.workforce import Workforce


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """The study folder of a trial with returns, being filled.

    Parameters
    ----------
    trial, profile, streams
        What is simulated.
    folder
        Where it goes.
    people
        Everyone at baseline.
    """

    trial: Trial
    profile: Profile
    streams: Streams
    folder: Path
    people: Workforce

    def collect_baseline(self, course: Course) -> list[Survey]:
        """Write what is collected before launch; the course's arm cannot matter yet."""
        everyone = np.ones(self.people.frame.height, dtype=bool)
        nobody = np.full(self.people.frame.height, "")
        surveys = []
        for wave in self._waves(after=False):
            self._write_returns(wave, course)
            surveys += self._survey(wave, course, everyone, nobody)
        return surveys

    def collect_follow_up(
        self, courses: dict[str, Course], arms: NDArray[np.str_], before: list[Survey]
    ) -> None:
        """Write what is collected after launch, and everything that happened meanwhile."""
        names = [arm.id for arm in self.trial.arms]
        fallback = self.trial.reference_arm.id
        number = np.array([names.index(arm or fallback) for arm in arms])
        course = observe_courses([courses[name] for name in names], number)
        withdrawn = draw_withdrawals(self.trial, self.profile, self.people, arms, self.streams)
        invited = arms != ""
        invited[list(withdrawn)] = False
        surveys = list(before)
        for wave in self._waves(after=True):
            self._write_returns(wave, course)
            surveys += self._survey(wave, course, invited, arms)
        self._write_happenings(course, arms, surveys, withdrawn)

    def _waves(self, *, after: bool) -> Iterator[Wave]:
        for wave in self.trial.waves:
            if is_later(wave) == after:
                yield wave

    def _survey(
        self,
        wave: Wave,
        course: Course,
        invited: NDArray[np.bool_],
        arms: NDArray[np.str_],
    ) -> list[Survey]:
        if wave.survey is None:
            return []
        survey = simulate_survey(
            self.trial,
            self.profile,
            wave,
            self.people,
            course,
            self.streams,
            invited=invited,
            arms=arms,
        )
        return [survey]

    def _write_returns(self, wave: Wave, course: Course) -> None:
        if wave.collect is None:
            return
        for partner in self.trial.population.partners:
            own = self.profile.partner(partner.id)
            if partner.status == "recruited" and wave.id not in own.withheld:
                self._write_return(partner, wave, course)

    def _write_return(self, partner: Partner, wave: Wave, course: Course) -> None:
        assert wave.collect is not None
        assert partner.launch is not None
        own = self.profile.partner(partner.id)
        record = build_record(self.trial, self.profile, partner, wave, self.people, course)
        sent = record
        if is_later(wave):
            kept = select_rows(self.profile, partner, wave, record, self.streams)
            sent = add_joiners(self.profile, partner, wave, record[kept], self.streams)
        columns = [one for one in columns_of(self.trial, wave.id) if one.id not in own.lacks]
        launch = partner.launch
        retrieved = max(wave.collect.due.after(launch), wave.collect.ends.after(launch))
        habits = self.streams.open("habits", partner.id)
        chosen = own.format or FORMATS[int(habits.integers(len(FORMATS)))]
        rows = lay_out_sheet(sent, columns, Heading(partner.name, retrieved), habits)
        path = self.folder / layout.RETURNS / partner.id / wave.id
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sheet(rows, path, chosen)

    def _write_happenings(
        self,
        course: Course,
        arms: NDArray[np.str_],
        surveys: list[Survey],
        withdrawn: dict[int, date],
    ) -> None:
        trial, profile, people = self.trial, self.profile, self.people
        if surveys:
            self._write(layout.RESPONSES, pl.concat([survey.responses for survey in surveys]))
        events = list_events(
            trial, people, course, surveys, randomised=arms != "", withdrawn=withdrawn
        )
        self._write(layout.EVENTS, events)
        deliveries = simulate_deliveries(trial, profile, people, course, arms)
        self._write(layout.DELIVERIES, deliveries)
        used = simulate_uptake(trial, profile, people, course, arms, self.streams)
        self._write(layout.UPTAKE, pl.concat([used, list_recall(profile, surveys, people)]))

    def _write(self, name: str, table: pl.DataFrame) -> None:
        """Write a table, unless nothing happened."""
        if table.height:
            table.write_csv(self.folder / name)


def is_later(wave: Wave) -> bool:
    """Whether a wave looks at the time after launch."""
    if wave.collect is not None:
        return wave.collect.ends.approximate_days > 0
    return wave.survey is not None and wave.survey.closes.approximate_days > 0


def write_words(profile: Profile, folder: Path) -> None:
    """Write the profile's quotes, marked as synthetic, its funnel and its deviations' reasons."""
    if profile.quotes:
        quotes = [(one.theme, one.role, one.quote, "synthetic") for one in profile.quotes]
        pl.DataFrame(quotes, schema=layout.QUOTE_COLUMNS, orient="row").write_csv(
            folder / layout.QUOTES
        )
    if profile.funnel:
        stages = [(one.stage, one.partners, one.note or None) for one in profile.funnel]
        pl.DataFrame(stages, schema=layout.FUNNEL_COLUMNS, orient="row").write_csv(
            folder / layout.FUNNEL
        )
    if profile.deviations:
        parts = [
            f'[[deviation]]\nscope = "{one.scope}"\ndecision = "{one.decision}"\n'
            f'reason = "{one.reason}"\n'
            for one in profile.deviations
        ]
        (folder / layout.DEVIATIONS).write_text("\n".join(parts), encoding="utf-8")
