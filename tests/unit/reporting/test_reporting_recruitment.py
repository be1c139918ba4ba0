"""The funnel of a trial is in its report, stage by stage, and a trial without one says nothing."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from compute_cases import small_archive
from results_factory import coffee

from lighttouch.core.reporting.composing.whole import compose_document
from lighttouch.core.reporting.compute.funnel import compute_funnel
from lighttouch.core.reporting.document import Document, Heading, Table
from lighttouch.core.reporting.figures.canvas import WIDTH
from lighttouch.core.reporting.figures.drawing import draw_figure
from lighttouch.core.reporting.rendering import render_report
from lighttouch.core.reporting.resolving import (
    Json,
    Resolver,
    document_text,
    label_parts,
    resolve_document,
)
from lighttouch.core.reporting.results import FunnelStage
from lighttouch.core.reporting.serialising import results_to_json
from lighttouch.core.reporting.sourcing import open_source
from lighttouch.core.reporting.workbook import render_workbook

Stage = tuple[str, int, str | None]
STAGES: list[Stage] = [
    ("Responded to the call", 35, None),
    ("Shortlisted", 15, "Some had no time."),
    ("Launched", 8, None),
]


def funnel_of(tmp_path: Path, stages: list[Stage]) -> tuple[FunnelStage, ...]:
    schema = {"stage": pl.String, "partners": pl.Int64, "note": pl.String}
    archive = small_archive(tmp_path)
    return compute_funnel(replace(archive, funnel=pl.DataFrame(stages, schema, orient="row")))


def resolve(funnel: tuple[FunnelStage, ...]) -> tuple[Document, Resolver, Json]:
    source = open_source(replace(coffee(), funnel=funnel))
    document = compose_document(source)
    tree = source.top.value
    return document, Resolver(tree, label_parts(document)), resolve_document(document, tree)


def write(funnel: tuple[FunnelStage, ...]) -> str:
    return document_text(resolve(funnel)[2])


def cells(funnel: tuple[FunnelStage, ...]) -> list[list[str]]:
    document, resolver, _ = resolve(funnel)
    table = next(table for table in document.tables if table.id == "funnel-stages")
    return [[resolver.text(cell) for cell in row.cells] for row in table.rows]


def test_each_stage_is_set_beside_the_first_and_the_one_before(tmp_path: Path) -> None:
    assert funnel_of(tmp_path, STAGES) == (
        FunnelStage("Responded to the call", 35, 1.0, None, ""),
        FunnelStage("Shortlisted", 15, 15 / 35, 20, "Some had no time."),
        FunnelStage("Launched", 8, 8 / 35, 7, ""),
    )


def test_no_funnel_gives_no_stages_and_no_section(tmp_path: Path) -> None:
    assert compute_funnel(small_archive(tmp_path)) == ()
    assert funnel_of(tmp_path, []) == ()
    document, _, _ = resolve(())
    assert "recruitment" not in [b.id for b in document.body if isinstance(b, Heading)]
    assert "funnel" not in [figure.id for figure in document.figures]


def test_nobody_at_the_first_stage_is_a_share_of_nothing(tmp_path: Path) -> None:
    funnel = funnel_of(tmp_path, [("Call", 0, None), ("Launched", 0, None)])
    assert [stage.share for stage in funnel] == [None, None]
    said = write(funnel)
    assert "Recruitment began with 0 partners (call) and ended with 0 (launched)." in said
    assert cells(funnel) == [["Call", "0", "–", "–"], ["Launched", "0", "–", "0"]]
    document, resolver, _ = resolve(funnel)
    figure = next(figure for figure in document.figures if figure.id == "funnel")
    assert draw_figure(figure, resolver.text).svg.count(">0<") == 2


def test_the_report_says_how_many_began_and_ended_and_where_they_were_lost(tmp_path: Path) -> None:
    funnel = funnel_of(tmp_path, STAGES)
    said = write(funnel)
    assert (
        "Recruitment began with 35 partners (responded to the call) and ended with 8 (launched), "
        "22.9% of those at the start." in said
    )
    assert cells(funnel) == [
        ["Responded to the call", "35", "100.0%", "–", "–"],
        ["Shortlisted", "15", "42.9%", "20", "Some had no time."],
        ["Launched", "8", "22.9%", "7", "–"],
    ]


def test_recruitment_comes_before_the_flow_of_participants(tmp_path: Path) -> None:
    document, _, _ = resolve(funnel_of(tmp_path, STAGES))
    headings = [b.id for b in document.body if isinstance(b, Heading) and b.level == 1]
    assert headings.index("recruitment") + 1 == headings.index("flow")


def test_notes_have_a_column_only_where_somebody_wrote_one(tmp_path: Path) -> None:
    bare = funnel_of(tmp_path, [(stage, count, None) for stage, count, _ in STAGES])
    assert {len(row) for row in cells(bare)} == {4}
    document, _, _ = resolve(bare)
    table = next(b for b in document.body if isinstance(b, Table) and b.id == "funnel-stages")
    assert len(table.columns) == len(table.widths) == 4


@pytest.mark.parametrize(("count", "noun"), [(1, "1 partner"), (2, "2 partners")])
def test_a_funnel_of_one_stage_is_said_in_one_sentence(
    tmp_path: Path, count: int, noun: str
) -> None:
    said = write(funnel_of(tmp_path, [("Launched", count, None)]))
    assert f"Recruitment began with {noun} (launched).\n" in said


def test_the_figure_shows_every_stage_and_is_told_in_words(tmp_path: Path) -> None:
    long = "Took part in visits, focus groups, interviews and meetings of leaders"
    funnel = funnel_of(tmp_path, [("Call", 35, None), (long, 15, None)])
    document, resolver, _ = resolve(funnel)
    figure = next(figure for figure in document.figures if figure.id == "funnel")
    drawn = draw_figure(figure, resolver.text)
    assert ">35 (100.0%)<" in drawn.svg
    assert ">15 (42.9%)<" in drawn.svg
    assert not any(drawn.ticks)
    alternative = resolver.text(figure.alt)
    assert f"Call 35 (100.0%) and {long} 15 (42.9%)" in alternative


def test_a_long_number_beside_a_bar_stays_inside_the_figure(tmp_path: Path) -> None:
    def bars(count: int) -> float:
        document, resolver, _ = resolve(funnel_of(tmp_path / str(count), [("Call", count, None)]))
        figure = next(figure for figure in document.figures if figure.id == "funnel")
        svg = draw_figure(figure, resolver.text).svg
        corners = {float(x) for x in re.findall(r"L ([0-9.]+) ", svg)}
        return max(corners - {round(WIDTH * 72, 1)})

    assert bars(999_999_999) < bars(9) - 20


def test_the_workbook_holds_the_funnel_as_numbers(tmp_path: Path) -> None:
    document, resolver, _ = resolve(funnel_of(tmp_path, STAGES))
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(document, resolver)))
    sheet = book[resolver.labels["funnel-stages"]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=6)]
    assert rows[1] == ["Shortlisted", 15, pytest.approx(15 / 35), 20, "Some had no time."]


def test_a_report_with_a_funnel_passes_every_gate_as_page_and_pdf(tmp_path: Path) -> None:
    funnel = funnel_of(tmp_path, [*STAGES, ("Stage 2 of the 2019 call", 3, "In 2020, 5 left.")])
    render_report(replace(coffee(), funnel=funnel), tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="recruitment">Recruitment of partners</h2>' in page
    assert (tmp_path / "report" / "figures" / "funnel.svg").is_file()
    assert (tmp_path / "report" / "report.pdf").stat().st_size > 0


def test_results_of_a_trial_without_a_funnel_do_not_mention_one() -> None:
    assert "funnel" not in json.loads(results_to_json(coffee()))
