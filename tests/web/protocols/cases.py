"""Trial files and people for the tests of protocols."""

from datetime import timedelta

from lighttouch.core.protocol.library import library_text
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import actions
from lighttouch.web.protocols.models import Registration, Version
from tests.web.cast import NOW, Cast

SECRET = bytes(range(32))
LATER = NOW + timedelta(days=30)
TEXT = library_text("goal_setting")
"""A valid file of a trial the cast does not have yet."""


def edit(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with parts replaced, each of which must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def start_trial(cast: Cast, text: str = TEXT) -> Trial:
    """Start a trial as its researcher."""
    return actions.create_trial(programme=cast.programme, text=text, by=cast["researcher"], now=NOW)


def newest(trial: Trial) -> Version:
    """Return the last version saved."""
    return Version.objects.filter(trial=trial).order_by("number").select_related("trial").last()  # type: ignore[return-value]


def submitted(cast: Cast, trial: Trial) -> Version:
    """Submit the newest version as the researcher who wrote it."""
    return actions.submit(version=newest(trial), by=cast["researcher"], now=NOW)


def approved(cast: Cast, trial: Trial) -> Version:
    """Have the newest version submitted and approved by the second person."""
    return actions.approve(version=submitted(cast, trial), by=cast["second"], now=NOW)


def registered(cast: Cast, text: str = TEXT) -> Registration:
    """Register a trial through all its steps."""
    trial = start_trial(cast, text)
    approved(cast, trial)
    return actions.register(trial=trial, by=cast["trial_manager"], now=NOW, secret=SECRET)


def amended(cast: Cast, trial: Trial, text: str, reason: str = "Late returns.") -> Version:
    """Amend a registered trial through all its steps."""
    last = newest(trial)
    actions.save_version(
        trial=trial, text=text, note=reason, after=last.number, by=cast["researcher"], now=LATER
    )
    version = approved(cast, trial)
    actions.amend(trial=trial, version=version, reason=reason, by=cast["trial_manager"], now=LATER)
    return version
