"""What a trial has of questionnaires: on the desk, and in its file."""

from dataclasses import dataclass

from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import Instrument
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import newest_version
from lighttouch.web.questionnaires.building import Built
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.placing import Desk, read_built, read_desk


@dataclass(frozen=True, slots=True)
class InFile:
    """A questionnaire of the trial file that is not on the desk."""

    name: str
    title: str


def drafts_of(trial: Trial) -> list[Draft]:
    """Return the questionnaires on the desk, by name."""
    return list(Draft.objects.filter(trial=trial).select_related("changed_by").order_by("name"))


def find_draft(trial: Trial, name: str) -> Draft | None:
    """Return a questionnaire on the desk."""
    found = Draft.objects.filter(trial=trial, name=name)
    return found.select_related("trial__programme", "changed_by").first()


def newest_text(trial: Trial) -> tuple[str, int]:
    """Return the newest text of the trial file and its number."""
    version = newest_version(trial)
    return (version.text, version.number) if version else ("", 0)


def desk_of(trial: Trial) -> Desk:
    """Return what the trial file offers to choose from."""
    return read_desk(newest_text(trial)[0])


def built_in_file(trial: Trial, name: str) -> Built | None:
    """Return a questionnaire as the trial file has it."""
    return read_built(newest_text(trial)[0], name)


def search_library(words: str) -> list[Instrument]:
    """Return the library's instruments that hold every word, in their order; all for none."""
    wanted = words.lower().split()
    return [
        one
        for one in read_library().instruments.values()
        if all(word in _text_of(one) for word in wanted)
    ]


def _text_of(instrument: Instrument) -> str:
    parts = (
        instrument.id,
        instrument.name,
        instrument.measures,
        *instrument.names_elsewhere,
        *(item.text for item in instrument.items),
    )
    return " ".join(parts).lower()
