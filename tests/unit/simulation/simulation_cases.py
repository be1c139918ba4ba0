"""Trials simulated in memory, shared by the tests of this folder."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.course import Course, simulate_course
from lighttouch.core.simulation.profile import Profile
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.workforce import Workforce, draw_workforce


@dataclass(frozen=True)
class Simulated:
    """A trial simulated up to its courses, one for each arm."""

    trial: Trial
    profile: Profile
    streams: Streams
    people: Workforce
    courses: dict[str, Course]

    @property
    def size(self) -> int:
        return self.people.frame.height

    @property
    def everyone(self) -> np.ndarray:
        return np.ones(self.size, dtype=bool)

    @property
    def untreated(self) -> Course:
        return self.courses[self.trial.reference_arm.id]


def simulate(trial: Trial, profile: Profile, seed: int = 1) -> Simulated:
    streams = Streams(seed)
    people = draw_workforce(trial, profile, streams)
    courses = {a.id: simulate_course(trial, profile, people, streams, a.id) for a in trial.arms}
    return Simulated(trial, profile, streams, people, courses)


@cache
def simulated(name: str, seed: int = 1) -> Simulated:
    return simulate(library_trial(name), read_profile(name), seed)


@cache
def library_trial(name: str) -> Trial:
    return parse_trial(library_text(name))
