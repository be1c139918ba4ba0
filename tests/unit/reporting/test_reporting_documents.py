"""The finished report: the same bytes every time, accessible, and true to the results."""

import hashlib
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from results_factory import coffee

from lighttouch.core.errors import ReportError
from lighttouch.core.reporting.checking import find_numerals
from lighttouch.core.reporting.composing.whole import compose_document
from lighttouch.core.reporting.document import Document, Words
from lighttouch.core.reporting.page import render_page
from lighttouch.core.reporting.pdf import render_pdf
from lighttouch.core.reporting.rendering import render_report
from lighttouch.core.reporting.resolving import (
    Resolver,
    document_text,
    label_parts,
    resolve_document,
)
from lighttouch.core.reporting.sourcing import open_source
from lighttouch.core.reporting.workbook import render_workbook

TOLD: list[tuple[str, int, int]] = []
"""What the fixture's rendering told of its progress."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    TOLD.clear()
    render_report(coffee(), path, lambda *step: TOLD.append(step))
    return path


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_a_report_is_a_page_a_pdf_a_workbook_and_figures(folder: Path) -> None:
    names = set(digest(folder))
    assert {"report.html", "report.pdf", "tables.xlsx", "figures/flow.svg"} <= names
    stems = [{Path(n).stem for n in names if n.endswith(end)} for end in (".svg", ".png")]
    assert stems[0] == stems[1]


def test_another_process_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from results_factory import coffee;"
        "from lighttouch.core.reporting.rendering import render_report;"
        "render_report(coffee(), Path(sys.argv[1]))"
    )
    here = Path(__file__).parent
    command = [sys.executable, "-c", script, str(tmp_path / "again")]
    (tmp_path / "again").mkdir()
    subprocess.run(command, check=True, cwd=here, env={"PYTHONHASHSEED": "7", "LANG": "C"})
    assert digest(tmp_path / "again") == digest(folder)


def test_progress_is_told_to_its_end(folder: Path) -> None:
    assert folder.exists()
    assert TOLD[0][0] == "drawing flow"
    assert TOLD[-1][1] == TOLD[-1][2]
    assert [step[1] for step in TOLD] == list(range(TOLD[-1][2] + 1))


def test_the_pdf_is_tagged_titled_and_bookmarked(folder: Path) -> None:
    reader = pypdf.PdfReader(folder / "report.pdf")
    root: Any = reader.trailer["/Root"].get_object()
    assert reader.metadata is not None
    assert reader.metadata.title == "Free coffee and tea"
    assert reader.metadata.creation_date is None
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    titles = [str(item["/Title"]) for item in reader.outline if isinstance(item, dict)]
    assert "Participant flow" in titles
    assert find_alternatives(root["/StructTreeRoot"]).count("Flow of participants") == 1


def find_alternatives(root: object) -> str:
    """Collect the alternative texts and tags below a structure element."""
    found: list[str] = []
    queue = [root]
    while queue:
        node = queue.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            queue.extend(node)
        elif isinstance(node, dict):
            if str(node.get("/S")) == "/Figure":
                found.append(str(node.get("/Alt", "")))
            queue.append(node.get("/K"))
    return "\n".join(found)


def test_every_numeral_of_the_pdf_is_of_the_document(folder: Path) -> None:
    source = open_source(coffee())
    document = compose_document(source)
    resolved = resolve_document(document, source.top.value)
    said = " ".join([document_text(resolved), *re.findall(r">([^<]+)<", all_svg(folder))])
    reader = pypdf.PdfReader(folder / "report.pdf")
    pages = len(reader.pages)
    known = set(find_numerals(said)) | {str(number) for number in range(1, pages + 1)}
    strangers = {
        numeral
        for page in reader.pages
        for numeral in find_numerals(page.extract_text().replace("\u200b", ""))
        if numeral not in known
    }
    # A line broken inside a fingerprint or a number splits it in the extracted text only.
    assert not {s for s in strangers if s not in said}


def all_svg(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (folder / "figures").glob("*.svg"))


class Outline(HTMLParser):
    """Collects headings, identifiers and tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_can_be_read_by_everyone(folder: Path) -> None:
    outline = Outline()
    text = (folder / "report.html").read_text(encoding="utf-8")
    outline.feed(text)
    names = [name for name, _ in outline.tags]
    levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    identifiers = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    links = [str(a["href"]) for name, a in outline.tags if name == "a"]
    assert links[0] == "#main"
    assert all(link[1:] in identifiers for link in links)
    assert names.count("caption") == names.count("table")
    assert all("scope" in a for name, a in outline.tags if name == "th")
    drawings = [a for name, a in outline.tags if name == "svg"]
    assert all(a["role"] == "img" and a["aria-label"] for a in drawings)
    assert ("html", {"lang": "en-GB"}) in outline.tags
    assert "<script" not in text
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", text)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_its_ground(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", page))
    for text in ("ink", "soft", "accent", "warning"):
        for ground in ("#ffffff", colours["pale"], colours["warm"]):
            low, high = sorted((luminance(colours[text]), luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5


def test_what_the_protocol_says_cannot_become_markup() -> None:
    source = open_source(coffee())
    tree = json.loads(json.dumps(source.top.value))
    tree["trial"]["title"] = "<script>alert(1)</script> & #strong[x]"
    resolved = resolve_document(compose_document(source), tree)
    page = render_page({**resolved, "body": []}, {})
    assert "<script>" not in page
    pdf = pypdf.PdfReader(io.BytesIO(render_pdf({**resolved, "body": []}, {})))
    assert "#strong[x]" in pdf.pages[0].extract_text()


def test_tables_hold_real_numbers_shown_as_printed(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    source = open_source(coffee())
    document = compose_document(source)
    labels = label_parts(document)
    effects = book[labels["effects"]]
    place = next(row for row in effects.iter_rows() if row[0].value == "Days attended")
    registered = coffee().outcomes[0].estimates[0]
    assert place[5].value == pytest.approx(registered.estimate, rel=1e-9)
    assert place[6].value == pytest.approx(registered.interval[0], rel=1e-9)
    assert place[5].number_format == "#,##0.00"
    regression = book[labels["regression-registered-main-0"]]
    cells = [cell for row in regression.iter_rows(min_row=4) for cell in row[1:2]]
    assert '"("#,##0.00")"' in {cell.number_format for cell in cells}
    assert regression.print_title_rows == "$3:$3"
    assert effects.page_setup.orientation == "landscape"
    assert effects.page_setup.fitToHeight == 0


def test_a_report_without_tables_still_has_a_workbook() -> None:
    document = Document((Words("Nothing"),), (Words("Report"),), (), ())
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(document, Resolver({}, {}))))
    assert book.sheetnames == ["No tables"]


def test_a_figure_without_a_text_alternative_stops_the_pdf() -> None:
    source = open_source(coffee())
    resolved = resolve_document(compose_document(source), source.top.value)
    figure = next(block for block in resolved["body"] if block["kind"] == "figure")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    body = [{"kind": "heading", "level": 1, "id": "x", "runs": []}, {**figure, "alt": None}]
    with pytest.raises(ReportError, match="the PDF cannot be set"):
        render_pdf({**resolved, "body": body}, {figure["id"]: svg})
