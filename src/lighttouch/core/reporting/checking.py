"""The guard of the report: no number is printed that is not in ``results.json``.

Three gates: words hold no digits (and no number spelt out), names and numbers resolve to values
of the results, and the numerals of the finished page are those of the document, in its order.
"""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from lighttouch.core.errors import Fault, ReportError

METHOD_NAMES = (
    "HC2", "HC3", "CR2", "CR3", "CONSORT 2025", "PDF/UA-1", "SHA-256", "fewer than 5",
    "Hedges 2007", "results.json",
)  # fmt: skip
"""The only words with digits that may stand in running text; ``fewer than 5`` is the mark of a
suppressed count.
"""
_SPELT = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|twice|double|"
    r"hundred|thousand)\b(?!-sided)",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"\u2212?\d+(?:[.,]\d+)*")


def check_words(text: str, where: str) -> Fault | None:
    """Return the fault of words that state a number on their own authority.

    Examples
    --------
    >>> check_words("with HC2 standard errors", "") is None
    True
    >>> print(check_words("about 42 people", "Results"))
    Results: the words “about 42 people” state a number. Quote it from the results.
    """
    rest = text
    for name in METHOD_NAMES:
        rest = rest.replace(name, "")
    if _NUMERAL.search(rest) or _SPELT.search(rest):
        return Fault(f"the words “{text}” state a number", where, "Quote it from the results")
    return None


def find_numerals(text: str) -> list[str]:
    """Return the numerals of a text in order, each with its minus sign.

    Examples
    --------
    >>> find_numerals("1,468 people, −0.31 (p < 0.001)")
    ['1,468', '−0.31', '0.001']
    """
    return _NUMERAL.findall(text)


def check_page(html: str, expected: str) -> None:
    """Check that a page prints exactly the numerals of the document, and none around it.

    Parameters
    ----------
    html
        The finished page.
    expected
        The document's text in reading order.

    Raises
    ------
    ReportError
        At the first numeral that differs.
    """
    reader = _BodyText()
    reader.feed(html)
    printed, meant = find_numerals("".join(reader.text)), find_numerals(expected)
    for place in range(max(len(printed), len(meant))):
        one = printed[place] if place < len(printed) else "nothing"
        other = meant[place] if place < len(meant) else "nothing"
        if one != other:
            raise ReportError(
                f"the page prints {one} where the results say {other}",
                where=f"numeral {place + 1} of the page",
                remedy="Make the report again from the archive",
            )


def check_drawing(svg: str, texts: Iterable[str], ticks: Iterable[str], where: str) -> None:
    """Check that a figure prints only numerals of its own texts and axis marks.

    Raises
    ------
    ReportError
        If the figure prints any other numeral.
    """
    known = {numeral for text in (*texts, *ticks) for numeral in find_numerals(text)}
    printed = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    found = {numeral for text in printed for numeral in find_numerals(re.sub("<[^>]*>", "", text))}
    if found - known:
        strangers = ", ".join(sorted(found - known))
        raise ReportError(f"the figure prints {strangers}, not in the results", where=where)


class _BodyText(HTMLParser):
    """Collects the text of a page, leaving out drawings, whose text is checked by itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._body = 0
        self._drawing = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._body += tag == "body"
        self._drawing += tag == "svg"
        self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._body -= tag == "body"
        self._drawing -= tag == "svg"
        self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if self._body and not self._drawing:
            self.text.append(data)
