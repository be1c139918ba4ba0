"""The profiles that come with Lighttouch, and how any profile is read and checked."""

import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from lighttouch.core.errors import Fault, InputError
from lighttouch.core.protocol.reading import read_source
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.profile import TREATED, Profile

GENERIC = "generic"


def profile_names() -> tuple[str, ...]:
    """Return the names of the packaged profiles, in alphabetical order.

    Examples
    --------
    >>> "letters" in profile_names()
    True
    """
    files = resources.files("lighttouch.core.simulation.profiles").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def profile_text(name: str) -> str:
    """Return the text of a packaged profile.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in profile_names():
        raise InputError(
            f"there is no simulation profile called {name!r}",
            remedy=f"Name one of: {', '.join(profile_names())}",
        )
    file = resources.files("lighttouch.core.simulation.profiles").joinpath(f"{name}.toml")
    return file.read_text(encoding="utf-8")


def read_profile(name: str) -> Profile:
    """Read a packaged profile.

    Raises
    ------
    InputError
        If there is none of that name.

    Examples
    --------
    >>> read_profile("generic").people
    120
    """
    return parse_profile(profile_text(name), source=f"{name}.toml")


def parse_profile(text: str, *, source: str = "profile") -> Profile:
    """Read a profile from its text.

    Raises
    ------
    InputError
        With every fault: what is no TOML, an unknown key, a missing one, a share out of range.

    Examples
    --------
    >>> parse_profile("version = 1")
    Traceback (most recent call last):
        ...
    lighttouch.core.errors.InputError: profile, id: Field required.
    profile, summary: Field required.
    profile, people: Field required.
    profile, workforce: Field required.
    profile, teams: Field required.
    profile, buildings: Field required.
    profile, absence: Field required.
    profile, leaving: Field required.
    """
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is not valid TOML ({error})", where=source) from error
    except ValidationError as error:
        raise InputError(
            Fault(problem["msg"], f"{source}, {'.'.join(str(step) for step in problem['loc'])}")
            for problem in error.errors(include_input=False, include_url=False)
        ) from error


def choose_profile(trial: Trial) -> Profile:
    """Return the packaged profile of a library trial, or the generic one for any other.

    A trial that only borrows a library trial's name, with other partners or arms, gets the
    generic profile too: the numbers of one trial are not guessed from those of another.
    """
    if trial.id in profile_names():
        own = read_profile(trial.id)
        if not check_profile(own, trial):
            return own
    return read_profile(GENERIC)


def check_profile(profile: Profile, trial: Trial) -> tuple[Fault, ...]:
    """Return what a profile names that the trial does not have.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> check_profile(read_profile("coffee"), parse_trial(library_text("coffee")))
    ()
    """
    return tuple(
        Fault(
            f"the trial has no {what} {name!r}",
            f"profile {profile.id}, {key}",
            "Correct the profile, or simulate with the profile called generic",
        )
        for key, what, names, known in _references(profile, trial)
        for name in names
        if name not in known
    )


def _references(
    profile: Profile, trial: Trial
) -> Iterator[tuple[str, str, Iterable[str], Iterable[str]]]:
    """Yield each kind of name a profile borrows from the trial, with the names there are."""
    waves = {wave.id for wave in trial.waves} | {"every"}
    arms = {arm.id for arm in trial.arms} | {TREATED}
    partners = {one.id for one in trial.population.partners if one.status == "recruited"}
    extras = {one.id for one in trial.population.extra_columns}
    steps = {step.id for one in trial.interventions for step in one.steps}
    yield "partners", "recruited partner", (one.id for one in profile.partners), partners
    yield "returns", "wave", profile.returns, waves
    yield "response", "wave", profile.response, waves
    for one in profile.partners:
        named = (*one.withheld, *one.unsurveyed, *one.recorded)
        yield f"partners.{one.id}", "wave", named, waves
    yield "effects", "arm", profile.effects, arms
    yield "reach", "arm", profile.reach, arms
    yield "use", "arm", (one.arm for one in profile.use), arms
    for arm, reach in profile.reach.items():
        yield f"reach.{arm}.steps", "step", reach.steps, steps
    yield "extras", "extra column", (one.id for one in profile.extras), extras


def find_profile(name: str) -> Profile:
    """Read the packaged profile of this name, or the file at this path.

    Raises
    ------
    InputError
        If there is neither, or it is not valid.

    Examples
    --------
    >>> find_profile("generic").id
    'generic'
    """
    path = Path(name)
    if name in profile_names() or path.suffix != ".toml":
        return read_profile(name)
    return parse_profile(read_source(path), source=path.name)
