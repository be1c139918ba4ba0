"""From results to the finished report: page, PDF, workbook and figures."""

import json
from pathlib import Path

from lighttouch.core.progress import Progress, no_progress
from lighttouch.core.reporting.composing.whole import compose_document
from lighttouch.core.reporting.document import Document
from lighttouch.core.reporting.figures.canvas import Drawn
from lighttouch.core.reporting.figures.drawing import draw_figure
from lighttouch.core.reporting.page import render_page
from lighttouch.core.reporting.pdf import render_pdf
from lighttouch.core.reporting.resolving import Resolver, label_parts, resolve_document
from lighttouch.core.reporting.results import Results
from lighttouch.core.reporting.serialising import results_from_json, results_to_json
from lighttouch.core.reporting.sourcing import At, Source
from lighttouch.core.reporting.workbook import render_workbook

PAGE, PDF, WORKBOOK, FIGURES = "report.html", "report.pdf", "tables.xlsx", "figures"


def render_report(results: Results, folder: Path, progress: Progress = no_progress) -> None:
    """Write the whole report of a trial into a folder.

    Writes ``report.html``, ``report.pdf``, ``tables.xlsx`` and ``figures/*.svg`` and ``*.png``. The
    same results give the same bytes, whenever and wherever it runs. The caller sees to it that the
    folder appears whole or not at all.

    Parameters
    ----------
    results
        The results of the trial; they are rounded as ``results.json`` has them before anything
        is printed, so the report of the object and that of the file are one.
    folder
        Where to write; made if missing.
    progress
        Told what is done: a phrase, how many steps are done, and of how many.

    Raises
    ------
    ReportError
        If any number, name or figure of the report is not of the results.
    """
    text = results_to_json(results)
    tree = json.loads(text)
    document = compose_document(Source(results_from_json(text), At("", tree)))
    resolved = resolve_document(document, tree)
    resolver = Resolver(tree, label_parts(document))
    steps = len(document.figures) + 3
    drawn = _draw_all(document, resolver, folder / FIGURES, progress, steps)
    drawings = {name: figure.svg for name, figure in drawn.items()}
    progress("setting the page", steps - 3, steps)
    (folder / PAGE).write_text(render_page(resolved, drawings), encoding="utf-8")
    progress("writing the tables", steps - 2, steps)
    (folder / WORKBOOK).write_bytes(render_workbook(document, resolver))
    progress("setting the PDF", steps - 1, steps)
    (folder / PDF).write_bytes(render_pdf(resolved, drawings))
    progress("report finished", steps, steps)


def _draw_all(
    document: Document, resolver: Resolver, folder: Path, progress: Progress, steps: int
) -> dict[str, Drawn]:
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    for done, figure in enumerate(document.figures):
        progress(f"drawing {figure.id}", done, steps)
        drawn[figure.id] = draw_figure(figure, resolver.text)
        (folder / f"{figure.id}.svg").write_text(drawn[figure.id].svg, encoding="utf-8")
        (folder / f"{figure.id}.png").write_bytes(drawn[figure.id].png)
    return drawn
