"""A synthetic study, sent through the same front doors as a real one.

Two phases with the draw between them. Before allocation: registration, baseline spreadsheets and
baseline answers. Then the trial is allocated as any trial is. After it: what happened to each
person in the arm they got.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lighttouch.core.allocation.excluding import apply_exclusions
from lighttouch.core.archive import layout
from lighttouch.core.archive.allocating import allocate_study
from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.core.errors import Fault, InputError
from lighttouch.core.progress import Progress
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.registering import register_trial
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.course import Course, simulate_course
from lighttouch.core.simulation.filling import StudyFolder, write_words
from lighttouch.core.simulation.given import (
    compute_given_truth,
    find_randomised,
    simulate_given,
    write_tables,
)
from lighttouch.core.simulation.profile import Profile
from lighttouch.core.simulation.profiles import check_profile, choose_profile
from lighttouch.core.simulation.records import build_record
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.truth import TrueEffect, compute_truth, render_truth
from lighttouch.core.simulation.workforce import Workforce, draw_workforce

TRUTH = "truth.toml"
WHO = "simulation"
REGISTERED_BEFORE = timedelta(weeks=10)
"""How long before the first launch a simulated trial is registered."""
ALLOCATED_BEFORE = timedelta(days=3)
"""How long before the first launch a simulated trial is allocated."""
WITHOUT_LAUNCH = date(2021, 1, 4)
"""Stands for the first launch where the trial file sets none."""
STEPS = ("registering", "workforce", "baseline", "allocation", "follow-up", "truth")


@dataclass(frozen=True, slots=True)
class SimulatedStudy:
    """What was simulated.

    Parameters
    ----------
    trial, profile
        The trial, and the profile it was simulated from.
    folder
        The study folder, as partners and researchers would have filled it; ``None`` if it was
        not kept.
    people, randomised
        How many people were on the partners' books, and how many were randomised.
    truth
        The true effect of each treated arm on each outcome.
    """

    trial: Trial
    profile: Profile
    folder: Path | None
    people: int
    randomised: int
    truth: tuple[TrueEffect, ...]


def simulate_study(
    text: str,
    *,
    seed: int,
    folder: Path,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> SimulatedStudy:
    """Simulate a trial into a study folder.

    Parameters
    ----------
    text
        The trial file.
    seed
        A whole number of at least 0; the same seed gives the same bytes.
    folder
        The study folder to make, whole or not at all; it must not exist, or be empty.
    profile
        What the workforce is like; by default the trial's own packaged profile, else the
        generic one.
    progress
        Called with a step's name, its number and the number of steps.

    Returns
    -------
    SimulatedStudy
        With the truth, which is also written to ``truth.toml`` in the folder and nowhere else.

    Raises
    ------
    ProtocolError
        If the trial file is not valid.
    InputError
        If the profile names what the trial does not have, or a partner has no launch.
    ArchiveError
        If the folder is not empty.
    """
    trial, chosen = _choose(text, profile)
    with whole_or_nothing(folder) as place:
        made = _simulate(text, trial, chosen, Streams(seed), place, _Steps(progress))
    return replace(made, folder=folder)


def simulate_archive(
    text: str,
    *,
    seed: int,
    out: Path,
    study: Path | None = None,
    profile: Profile | None = None,
    progress: Progress | None = None,
    replace_out: bool = False,
) -> SimulatedStudy:
    """Simulate a trial and assemble its archive, as ``lighttouch run`` would from real returns.

    Parameters
    ----------
    out
        Where to put the archive.
    study
        Where to keep the study folder; by default it is made, used and removed.
    replace_out
        Whether an archive already at ``out`` may be replaced; refused before any work otherwise.
    text, seed, profile, progress
        As in :func:`simulate_study`.
    """
    trial, chosen = _choose(text, profile)
    with (
        whole_or_nothing(out, replace=replace_out) as archive,
        TemporaryDirectory() as scratch,
        whole_or_nothing(study or Path(scratch) / "s") as place,
    ):
        made = _simulate(text, trial, chosen, Streams(seed), place, _Steps(progress))
        assemble_archive(text, data=place, out=archive)
    return replace(made, folder=study)


def _choose(text: str, profile: Profile | None) -> tuple[Trial, Profile]:
    trial = parse_trial(text)
    profile = choose_profile(trial) if profile is None else profile
    if faults := [*check_profile(profile, trial), *_check_partners(trial)]:
        raise InputError(faults)
    return trial, profile


def _check_partners(trial: Trial) -> Iterator[Fault]:
    """Yield what stands in the way of simulating the partners' returns."""
    if trial.allocation.method == "given":
        return
    recruited = [one for one in trial.population.partners if one.status == "recruited"]
    if not recruited:
        yield Fault(
            "no partner is recruited, so there is nobody to simulate",
            "population.partners",
            "Name a partner with its launch",
        )
    for partner in recruited:
        if partner.launch is None:
            yield Fault(
                "the partner's launch is not set, so its returns have no dates",
                f"population.partners.{partner.id}",
                "Set launch in the trial file",
            )


def _simulate(
    text: str, trial: Trial, profile: Profile, streams: Streams, folder: Path, said: "_Steps"
) -> SimulatedStudy:
    """Fill an empty folder."""
    said.say("registering")
    register_trial(
        text,
        folder=folder,
        secret=streams.open("secret").bytes(32),
        now=_moment(trial, REGISTERED_BEFORE),
    )
    given = trial.allocation.method == "given"
    simulate = _simulate_given if given else _simulate_returns
    people, randomised, truth = simulate(trial, profile, streams, folder, said)
    write_words(profile, folder)
    rendered = render_truth(truth, seed=streams.seed, profile=profile.id)
    (folder / TRUTH).write_text(rendered, encoding="utf-8")
    return SimulatedStudy(trial, profile, folder, people, randomised, truth)


class _Steps:
    """Says which step has begun."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def say(self, step: str) -> None:
        if self.progress is not None:
            self.progress(step, STEPS.index(step), len(STEPS))


def _simulate_returns(
    trial: Trial, profile: Profile, streams: Streams, folder: Path, said: _Steps
) -> tuple[int, int, tuple[TrueEffect, ...]]:
    """Simulate a trial with returns and surveys: baseline, allocation, follow-up."""
    said.say("workforce")
    people = draw_workforce(trial, profile, streams)
    courses = {
        arm.id: simulate_course(trial, profile, people, streams, arm.id) for arm in trial.arms
    }
    study = StudyFolder(trial, profile, streams, folder, people)
    said.say("baseline")
    before = study.collect_baseline(courses[trial.reference_arm.id])
    said.say("allocation")
    if trial.allocation.method == "drawn":
        allocate_study(folder, by=WHO, now=_moment(trial, ALLOCATED_BEFORE))
        arms = _read_arms(trial, folder, people)
    else:
        arms = _screen(trial, profile, people, courses[trial.reference_arm.id])
    said.say("follow-up")
    study.collect_follow_up(courses, arms, before)
    said.say("truth")
    randomised = arms != ""
    truth = compute_truth(trial, profile, people, courses, randomised)
    return people.frame.height, int(randomised.sum()), truth


def _simulate_given(
    trial: Trial, profile: Profile, streams: Streams, folder: Path, said: _Steps
) -> tuple[int, int, tuple[TrueEffect, ...]]:
    """Simulate a trial randomised elsewhere: its tables are all there is."""
    said.say("workforce")
    given = simulate_given(trial, profile, streams)
    said.say("follow-up")
    write_tables(trial, given, folder)
    said.say("truth")
    randomised = find_randomised(trial, given)
    truth = compute_given_truth(trial, given, randomised)
    return len(given.arms), int(randomised.sum()), truth


def _screen(trial: Trial, profile: Profile, people: Workforce, course: Course) -> NDArray[np.str_]:
    """Put everyone whom no rule leaves out in the only arm there is."""
    records = [
        build_record(trial, profile, partner, trial.baseline_wave, people, course).with_columns(
            partner=pl.lit(partner.id)
        )
        for partner in trial.population.partners
        if partner.status == "recruited"
    ]
    screened = apply_exclusions(pl.concat(records), trial)
    kept = screened.filter(pl.col("excluded_because") == "")["participant"]
    inside = people.frame["participant"].is_in(kept.implode()).to_numpy()
    return np.where(inside, trial.arms[0].id, "")


def _moment(trial: Trial, before: timedelta) -> datetime:
    """Return noon so long before the first launch; before a day of its own without launches."""
    launches = [
        one.launch
        for one in trial.population.partners
        if one.status == "recruited" and one.launch is not None
    ]
    return datetime.combine(min(launches, default=WITHOUT_LAUNCH) - before, time(12), tzinfo=UTC)


def _read_arms(trial: Trial, folder: Path, people: Workforce) -> NDArray[np.str_]:
    """Return each person's arm as the study folder has it; empty for those not randomised."""
    roster = pl.read_csv(folder / layout.ROSTER, infer_schema=False)
    roster = roster.filter(pl.col("excluded_because").fill_null("") == "")
    allocation = pl.read_csv(folder / layout.ALLOCATION_TABLE, infer_schema=False)
    unit = pl.col("participant")
    if trial.clustered:
        unit = pl.col("partner") + "/" + pl.col(trial.allocation.unit)
    placed = roster.with_columns(unit=unit).join(allocation.select("unit", "arm"), on="unit")
    arms = dict(zip(placed["participant"].to_list(), placed["arm"].to_list(), strict=True))
    return np.array([arms.get(one, "") for one in people.frame["participant"].to_list()])
