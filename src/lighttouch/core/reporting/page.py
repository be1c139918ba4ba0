"""The report as one self-contained HTML page that works without scripts."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from lighttouch.core.reporting.checking import check_page
from lighttouch.core.reporting.resolving import Json, document_text


def render_page(resolved: Json, drawings: Mapping[str, str]) -> str:
    """Set a resolved document as a page, and check every numeral of it.

    Parameters
    ----------
    resolved
        The document, from ``resolve_document``.
    drawings
        SVG text by figure identifier.

    Returns
    -------
    str
        HTML with its style and figures inside.

    Raises
    ------
    ReportError
        If the page prints a numeral that the document does not.
    """
    alternatives = {b["id"]: b["alt"] for b in resolved["body"] if b["kind"] == "figure"}
    page = _template().render(
        title="".join(run["text"] for run in resolved["title"]),
        document=resolved,
        contents=[b for b in resolved["body"] if b["kind"] == "heading" and b["level"] == 1],
        css=Markup(_read("report.css")),  # noqa: S704 - our own file
        drawings={key: _embed(svg, alternatives[key]) for key, svg in drawings.items()},
    )
    check_page(page, document_text(resolved))
    return page


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lighttouch.core.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html")


def _read(name: str) -> str:
    return (files("lighttouch.core.reporting") / "templates" / name).read_text(encoding="utf-8")


def _embed(svg: str, alternative: str) -> Markup:
    """Name a drawing for those who cannot see it, and let the page decide its size."""
    label = escape(alternative)
    opening = re.sub(r' (?:width|height|version)="[^"]*"', "", svg[: svg.index(">")])
    # Drawings are made by us and their text was escaped by the drawing library.
    return Markup(f'{opening} role="img" aria-label="{label}"{svg[svg.index(">") :].rstrip()}')  # noqa: S704
