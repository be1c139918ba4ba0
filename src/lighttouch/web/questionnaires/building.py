"""A questionnaire in the making, as a value: what it asks, and each way of changing it."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

from lighttouch.core.errors import InputError
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import Instrument
from lighttouch.core.instruments.own import make_instrument
from lighttouch.core.protocol.questions import OwnEntry, OwnInstrument, OwnQuestionnaire
from lighttouch.web.questionnaires.models import Draft

LONGEST_NAME = 40
SECONDS_AN_ITEM = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One instrument in its place; ``own`` if it is the trial's own."""

    place: int
    instrument: Instrument
    entry: OwnEntry
    own: OwnInstrument | None


@dataclass(frozen=True, slots=True)
class Built:
    """What a questionnaire asks so far."""

    title: str
    minutes: int | None = None
    waves: tuple[str, ...] = ()
    entries: tuple[OwnEntry, ...] = ()
    instruments: tuple[OwnInstrument, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """Every instrument in its place."""
        own = {one.id: one for one in self.instruments}
        library = read_library()
        return [
            Row(
                place,
                make_instrument(own[entry.instrument])
                if entry.instrument in own
                else library.instrument(entry.instrument),
                entry,
                own.get(entry.instrument),
            )
            for place, entry in enumerate(self.entries)
        ]

    @property
    def questions(self) -> int:
        """How many questions there are."""
        return sum(len(row.instrument.items) for row in self.rows)

    @property
    def words(self) -> int:
        """How many words people read, without the answers to choose from."""
        texts = [
            text
            for one in (row.instrument for row in self.rows)
            for text in (
                one.preamble_verbatim,
                one.stem,
                one.lead_verbatim,
                *(item.text for item in one.items),
            )
        ]
        return sum(len(text.split()) for text in texts)

    @property
    def guessed(self) -> int:
        """About how many minutes it takes, at ten seconds a question."""
        return max(1, round(self.questions * SECONDS_AN_ITEM / 60))

    def questionnaire(self, name: str) -> OwnQuestionnaire:
        """Return the questionnaire as a trial file has it.

        Raises
        ------
        InputError
            If nothing is asked yet.
        """
        if not self.entries:
            raise InputError(
                "nothing is asked yet", where="the questionnaire", remedy="Add a question first"
            )
        return OwnQuestionnaire(
            id=name, title=self.title, minutes=self.minutes, entries=self.entries
        )

    def add(self, instrument: str) -> "Built":
        """Add an instrument of the library at the end; one that is there already stays."""
        if any(entry.instrument == instrument for entry in self.entries):
            return self
        read_library().instrument(instrument)
        return replace(self, entries=(*self.entries, OwnEntry(instrument=instrument)))

    def put(self, own: OwnInstrument) -> "Built":
        """Add an own instrument at the end, or put it in the place of the one with its name."""
        if any(one.id == own.id for one in self.instruments):
            kept = tuple(own if one.id == own.id else one for one in self.instruments)
            return replace(self, instruments=kept)
        return replace(
            self,
            instruments=(*self.instruments, own),
            entries=(*self.entries, OwnEntry(instrument=own.id)),
        )

    def move(self, place: int, *, up: bool) -> "Built":
        """Move one a place up or down; at the end of the list it stays."""
        other = place - 1 if up else place + 1
        if not (0 <= place < len(self.entries) and 0 <= other < len(self.entries)):
            return self
        entries = list(self.entries)
        entries[place], entries[other] = entries[other], entries[place]
        return replace(self, entries=tuple(entries))

    def remove(self, place: int) -> "Built":
        """Take one out; its words go with it if it is the trial's own."""
        gone = self.entries[place].instrument
        return replace(
            self,
            entries=tuple(one for at, one in enumerate(self.entries) if at != place),
            instruments=tuple(one for one in self.instruments if one.id != gone),
        )

    def ask_of(self, place: int, *, waves: tuple[str, ...], arms: tuple[str, ...]) -> "Built":
        """Say at which waves and of which arms one is asked; none means all."""
        entries = list(self.entries)
        entries[place] = OwnEntry(instrument=entries[place].instrument, waves=waves, arms=arms)
        return replace(self, entries=tuple(entries))


def read_draft(draft: Draft) -> Built:
    """Return what a draft holds."""
    return Built(
        title=draft.title,
        minutes=draft.minutes,
        waves=tuple(draft.waves),
        entries=tuple(OwnEntry.model_validate(one) for one in draft.entries),
        instruments=tuple(OwnInstrument.model_validate(one) for one in draft.instruments),
    )


def fill_draft(draft: Draft, built: Built) -> None:
    """Write what is asked into a draft, without saving it."""
    draft.title, draft.minutes, draft.waves = built.title, built.minutes, list(built.waves)
    parts = {"entries": built.entries, "instruments": built.instruments}
    for key, values in parts.items():
        kept = [one.model_dump(mode="json", exclude_defaults=True) for one in values]
        setattr(draft, key, kept)


def from_library(name: str) -> Built:
    """Return a questionnaire of the library, to go on from."""
    found = read_library().questionnaire(name)
    entries = tuple(OwnEntry(instrument=entry.instrument) for entry in found.entries)
    return Built(title=found.title, minutes=found.minutes, entries=entries)


def find_name(words: str, taken: Collection[str]) -> str:
    """Make a name from the first words of a question, one that is not taken.

    Examples
    --------
    >>> find_name("Did you read the letter?", {"did_you_read_the_letter"})
    'did_you_read_the_letter_2'
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    name = name[:LONGEST_NAME].rpartition("_")[0] if len(name) > LONGEST_NAME else name
    name = name if name[:1].isalpha() else f"question_{name}".rstrip("_")
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
