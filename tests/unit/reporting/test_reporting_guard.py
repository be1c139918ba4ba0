"""No number reaches a reader that is not in the results."""

import json
from dataclasses import replace
from typing import Any

import pytest
from results_factory import coffee

from lighttouch.core.errors import ReportError
from lighttouch.core.reporting.checking import check_drawing, check_page, check_words
from lighttouch.core.reporting.composing.whole import compose_document
from lighttouch.core.reporting.document import (
    Block,
    Break,
    Callout,
    Document,
    Figure,
    Heading,
    Items,
    Name,
    Number,
    Paragraph,
    Reference,
    Run,
    TimelineDrawing,
    Words,
)
from lighttouch.core.reporting.figures.drawing import draw_figure
from lighttouch.core.reporting.numerals import compute_number, decimals_for, format_number
from lighttouch.core.reporting.page import render_page
from lighttouch.core.reporting.resolving import (
    Resolver,
    document_text,
    label_parts,
    resolve_document,
)
from lighttouch.core.reporting.serialising import results_to_json
from lighttouch.core.reporting.sourcing import At, Source, join, open_source, say

TREE: dict[str, Any] = {
    "n": 1468, "d": -0.0004, "p": 0.03, "none": None, "name": "Days attended", "yes": True,
    "code": "newly_qualified", "empty": 0, "reasons": {"Left / moved": 12}, "list": [3, 4],
    "when": "soon",
}  # fmt: skip


def document_of(*blocks: Block) -> Document:
    return Document((Words("Title"),), (Words("Report"),), (), blocks)


def sentence(*runs: Run) -> Document:
    return document_of(Heading(1, (Words("Part"),), "part"), Paragraph(runs))


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (Number(("/n",), "whole"), "1,468"),
        (Number(("/d",), "fixed", 2), "0.00"),
        (Number(("/d",), "significant"), "−0.000400"),
        (Number(("/empty",), "significant"), "0"),
        (Number(("/d",), "fixed", 4, sign="absolute"), "0.0004"),
        (Number(("/p",), "fixed", 2, sign="signed"), "+0.03"),
        (Number(("/p",), "fixed", 1, sign="signed"), "0.0"),
        (Number(("/p",), "plain"), "0.03"),
        (Number(("/p",), "percent", 1), "3.0%"),
        (Number(("/p",), "points", 1), "3.0"),
        (Number(("/p",), "percentage", 1), "0.0%"),
        (Number(("/p",), "p"), "=\u00a00.030"),
        (Number(("/p",), "p_cell"), "0.030"),
        (Number(("/empty",), "p"), "<\u00a00.001"),
        (Number(("/empty",), "p_cell"), "<0.001"),
        (Number(("/n", "/p"), "fixed", 2, "sum"), "1,468.03"),
        (Number(("/list",), "whole", 0, "length"), "2"),
        (Number(("/list/0", "/list/1"), "percent", 0, "share"), "75%"),
    ],
)
def test_numbers_are_printed_by_their_form(number: Number, printed: str) -> None:
    assert format_number(number, TREE) == printed


@pytest.mark.parametrize(
    ("run", "fault"),
    [
        (Number(("/gone",), "whole"), "not there"),
        (Number(("/list/7",), "whole"), "not there"),
        (Number(("/n/deeper",), "whole"), "not there"),
        (Number(("/none",), "whole"), "not a number"),
        (Number(("/yes",), "whole"), "not a number"),
        (Number(("/when",), "date"), "not a date"),
        (Number(("/n", "/empty"), "percent", 0, "share"), "share of nothing"),
        (Name("/n"), "not text"),
        (Name("/gone"), "not there"),
        (Reference("nowhere"), "refers to something"),
        (Words("about 42 people"), "state a number"),
        (Words("half of them"), "state a number"),
    ],
)
def test_a_run_that_is_not_of_the_results_stops_the_report(run: Run, fault: str) -> None:
    with pytest.raises(ReportError, match=fault) as caught:
        resolve_document(sentence(run), TREE)
    assert caught.value.faults[0].where.startswith("section part")


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ReportError) as caught:
        resolve_document(sentence(Words("7"), Name("/n"), Number(("/none",), "whole")), TREE)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("text", ["HC2 errors", "after CONSORT 2025", "two-sided", "fewer than 5"])
def test_names_of_methods_may_hold_digits(text: str) -> None:
    assert check_words(text, "") is None


def test_names_are_printed_as_they_stand_or_made_to_fit_a_sentence() -> None:
    resolver = Resolver(TREE, {})
    assert resolver.text((Name("/name"),)) == "Days attended"
    assert resolver.text((Name("/name", inline=True),)) == "days attended"
    assert resolver.text((Name("/code", spaced=True),)) == "newly qualified"
    assert resolver.text((Name("/reasons/Left ~1 moved", of_key=True),)) == "Left / moved"
    assert resolver.text((Words("a"), Break(), Words("b"))) == "a b"


def test_one_identifier_for_two_figures_is_refused() -> None:
    figure = Figure("same", say("c"), say("a"), TimelineDrawing(()))
    with pytest.raises(ReportError, match="one identifier"):
        label_parts(document_of(figure, figure))


def test_references_print_the_label_they_point_to() -> None:
    figure = Figure("one", say("c"), say("a"), TimelineDrawing(()))
    resolved = resolve_document(document_of(figure, Paragraph((Reference("one"),))), {})
    assert resolved["body"][1]["runs"][0]["text"] == "Figure 1"


def test_a_page_with_an_altered_numeral_is_refused() -> None:
    callout = Callout("finding", say("Found"), (Items((say("{n}", n=Number(("/n",), "whole")),)),))
    resolved = resolve_document(document_of(callout), TREE)
    page = render_page(resolved, {})
    check_page(page, document_text(resolved))
    with pytest.raises(ReportError, match="prints 1,469 where the results say 1,468"):
        check_page(page.replace("1,468", "1,469"), document_text(resolved))
    with pytest.raises(ReportError, match="prints nothing where the results say 1,468"):
        check_page(page.replace("1,468", ""), document_text(resolved))
    with pytest.raises(ReportError, match="prints 5 where the results say nothing"):
        check_page(page.replace("</main>", "5</main>"), document_text(resolved))
    with pytest.raises(ReportError, match="prints 7 where the results say nothing"):
        check_page(page.replace("<footer>", "<footer>7 "), document_text(resolved))
    with pytest.raises(ReportError, match="prints −1,468 where the results say 1,468"):
        check_page(page.replace("1,468", "−1,468"), document_text(resolved))


def test_a_numeral_of_a_drawing_is_of_its_texts_or_its_axis() -> None:
    svg = '<svg><text x="3">n = <tspan>12</tspan></text></svg>'
    check_drawing(svg, ["n = 12"], [], "figure f")
    check_drawing(svg, [], ["12"], "figure f")
    with pytest.raises(ReportError, match="prints 12"):
        check_drawing(svg, ["n = 13"], ["1.2"], "figure f")


def test_a_report_with_a_tampered_sentence_is_refused() -> None:
    tree = json.loads(results_to_json(coffee()))
    document = compose_document(Source(coffee(), At("", tree)))
    lie = Paragraph((Words("In fact 99 people felt better."),))
    with pytest.raises(ReportError, match="99"):
        resolve_document(replace(document, body=(*document.body, lie)), tree)


def test_a_result_changed_after_writing_changes_words_and_numbers_together() -> None:
    results = coffee()
    outcome = results.outcomes[0]
    registered = outcome.estimates[0]
    flipped = replace(registered, estimate=-registered.estimate,
                      interval=(-registered.interval[1], -registered.interval[0]))  # fmt: skip
    changed = replace(outcome, estimates=(flipped, *outcome.estimates[1:]))
    texts = []
    for version in (results, replace(results, outcomes=(changed, *results.outcomes[1:]))):
        source = open_source(version)
        resolved = resolve_document(compose_document(source), source.top.value)
        texts.append(document_text(resolved))
    first = [" was lower than" in text for text in texts]
    assert first in ([True, False], [False, True])


def test_a_drawing_that_prints_a_stranger_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_source(coffee())
    figure = next(f for f in compose_document(source).figures if f.id == "flow")
    resolver = Resolver(source.top.value, {})
    calls = iter(range(10**6))
    drawn = draw_figure(figure, resolver.text)
    assert "380 participants" in drawn.svg
    monkeypatch.setattr(
        "lighttouch.core.reporting.figures.flow.wrap_text",
        lambda text, *_, **__: [f"{text} {next(calls)}77"],
    )
    with pytest.raises(ReportError, match="77"):
        draw_figure(figure, resolver.text)


def test_lists_in_words_and_decimals_suit_what_they_hold() -> None:
    texts = [run.text for run in join([say("a")]) if isinstance(run, Words)]
    assert texts == ["a"]
    assert decimals_for(0.0) == 2
    assert decimals_for(0.5) == 2
    assert compute_number(Number(("/n",), "whole"), TREE) == 1468
