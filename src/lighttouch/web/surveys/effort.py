"""What a questionnaire asks of people: questions, screens, words, taps, and about how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from lighttouch.core.instruments.library import read_library
from lighttouch.web.surveys.asking import AskedPage, freeze_instruments, parse_asked

WORDS_A_MINUTE = 240
"""Silent reading of plain English by adults, as reviews of reading speed have it."""
SECONDS_A_TAP = 1.5
AROUND = 2
"""Screens beside the parts: the first page with consent, and the check before the end."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What it takes to answer everything, from the link to the thanks.

    ``words`` are the questions and what introduces them, without the answers to choose from.
    ``taps`` are the fewest: one for each question, one at the end of each part, *I agree* and
    *Finish*.
    """

    questions: int
    screens: int
    words: int
    taps: int

    @property
    def minutes(self) -> float:
        """About how long that takes."""
        return self.words / WORDS_A_MINUTE + self.taps * SECONDS_A_TAP / 60


def measure_effort(pages: Sequence[AskedPage]) -> Effort:
    """Return what answering pages takes."""
    questions = sum(len(page.items) for page in pages)
    texts = [
        text
        for page in pages
        for text in (page.preamble, page.lead, page.stem, *(item.text for item in page.items))
    ]
    return Effort(
        questions=questions,
        screens=len(pages) + AROUND,
        words=sum(len(text.split()) for text in texts),
        taps=questions + len(pages) + 2,
    )


def library_efforts() -> dict[tuple[str, str], Effort]:
    """Return what each questionnaire of the library takes, by questionnaire and wave."""
    library = read_library()
    return {
        (one.id, wave): measure_effort(parse_asked(freeze_instruments(library.asked(one.id, wave))))
        for one in library.questionnaires.values()
        for wave in sorted({wave for entry in one.entries for wave in entry.waves})
    }
