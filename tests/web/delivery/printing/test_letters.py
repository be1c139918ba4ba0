"""Letters on paper: the address in the window, a page each, nothing cut off quietly."""

import io
import re
import subprocess
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.transports.base import Channel
from lighttouch.web.delivery.transports.print import Letter, letter_of, set_letter, set_letters
from tests.web.delivery import contract

MM = 72 / 25.4
LEFT, TOP, WIDTH, HEIGHT = 24.6 * MM, 39.5 * MM, 95.4 * MM, 26.8 * MM
BODY = 95 * MM
HAIR = 0.3
"""Points by which a letter may stand out of its line's box."""
SEVEN = (
    "Dr Siân Llŷr-Ŵyn",
    "Adult Social Care, Third Floor",
    "The Council House",
    "Priory Road",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "Ynys Môn",
    "LL61 5UJ",
)
WORD = re.compile(
    r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
)
Box = tuple[float, float, float, float, str]


def letter(
    number: int = 1, lines: tuple[str, ...] = SEVEN, words: str = "Dear colleague"
) -> Letter:
    return Letter(f"reference-{number}", lines, "Your survey", (words, "Kind regards\nThe team"))


def boxes_of(pdf: bytes, folder: Path) -> dict[int, list[Box]]:
    file = folder / "letters.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True, text=True
    )
    found: dict[int, list[Box]] = defaultdict(list)
    for page, text in enumerate(done.stdout.split("<page ")[1:], 1):
        for x0, y0, x1, y1, word in WORD.findall(text):
            found[page].append((float(x0), float(y0), float(x1), float(y1), word))
    return found


def in_window(boxes: list[Box]) -> list[str]:
    return [
        word
        for x0, y0, x1, y1, word in boxes
        if x0 >= LEFT - HAIR
        and x1 <= LEFT + WIDTH + HAIR
        and y0 >= TOP - HAIR
        and y1 <= TOP + HEIGHT + HAIR
    ]


def text_of(pdf: bytes, page: int = 0) -> str:
    return PdfReader(io.BytesIO(pdf)).pages[page].extract_text()


@pytest.mark.parametrize(
    "lines",
    [
        SEVEN,
        ("A B", "1 High Street", "DY1 1AA"),
        ("W" * 40, "1 High Street", "Dudley", "DY1 1AA"),
        ("محمد علي", "1 High Street", "Dudley", "DY1 1AA"),
        ("שרה כהן", "1 High Street", "Dudley", "DY1 1AA"),
    ],
    ids=["seven lines", "three lines", "wide", "Arabic", "Hebrew"],
)
def test_the_whole_address_and_nothing_else_stands_in_the_window(
    lines: tuple[str, ...], tmp_path: Path
) -> None:
    boxes = boxes_of(set_letters([letter(lines=lines)]), tmp_path)[1]
    above = [box for box in boxes if box[1] < BODY - HAIR]
    assert len(in_window(boxes)) == len(above) == len(" ".join(lines).split())
    last = next(box for box in above if box[4] == lines[-1].split()[0])
    assert last[0] == pytest.approx(LEFT, abs=1)


def test_lines_of_the_address_do_not_touch(tmp_path: Path) -> None:
    boxes = boxes_of(set_letters([letter()]), tmp_path)[1]
    heads = [box for box in boxes if box[1] < BODY - HAIR and abs(box[0] - LEFT) < 1]
    assert [box[4] for box in heads] == [line.split()[0] for line in SEVEN]
    starts = [box[1] for box in heads]
    steps = [after - before for before, after in pairwise(starts)]
    assert steps == pytest.approx([3.8 * MM] * 6, abs=0.1)


def test_a_pile_keeps_its_order_with_a_page_for_each(tmp_path: Path) -> None:
    pile = [letter(number) for number in (3, 1, 2)]
    pdf = set_letters(pile)
    assert [text_of(pdf, page).split("reference-")[1].strip() for page in range(3)] == [
        "3",
        "1",
        "2",
    ]
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 3
    assert set_letters(pile) == pdf


def test_the_pages_are_tagged_a4_with_their_fonts_inside() -> None:
    reader = PdfReader(io.BytesIO(set_letters([letter()])))
    root: Any = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    page: Any = reader.pages[0]
    assert [float(side) for side in page.mediabox[2:]] == pytest.approx([595.28, 841.89], abs=0.1)
    for font in page["/Resources"]["/Font"].values():
        inner = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(inner)


def test_words_are_never_taken_for_commands() -> None:
    said = text_of(set_letters([letter(words='#panic("x") *b* $x$ @me \\ `c` <a> [z]')]))
    assert '#panic("x") *b* $x$ @me \\ `c` <a> [z]' in said


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (letter(7, words="long " * 900), "too long"),
        (letter(7, lines=("W" * 90, "1 High Street", "DY1 1AA")), "too wide"),
        (letter(7, lines=("A", "B")), "lines"),
        (letter(7, lines=("A", " ", "B", "C")), "lines"),
        (letter(7, lines=("A",) * 8), "lines"),
        (letter(7, lines=("李明", "1 High Street", "DY1 1AA")), "cannot be printed"),
    ],
)
def test_what_cannot_be_printed_whole_is_refused_by_its_place(wrong: Letter, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        set_letters([letter(), wrong])
    assert "letter 2" in str(caught.value)
    assert "High Street" not in str(caught.value)


def test_no_letters_make_no_file() -> None:
    with pytest.raises(InputError, match="no letters"):
        set_letters([])


def test_a_delivery_becomes_a_letter_and_an_email_does_not() -> None:
    message = contract.message_for_sian(Channel.LETTER)
    assert letter_of(message).paragraphs == (message.text,)
    assert "1 High Street" in text_of(set_letter(message))
    assert "Siân" not in repr(letter_of(message))
    with pytest.raises(TypeError):
        letter_of(contract.message_for_sian())
