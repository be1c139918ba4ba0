"""The report as an accessible PDF: PDF/UA-1, tagged, the same bytes every time."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import typst

from lighttouch.core.errors import ReportError
from lighttouch.core.reporting.resolving import Json


def render_pdf(resolved: Json, drawings: Mapping[str, str]) -> bytes:
    """Set a resolved document as a PDF.

    Parameters
    ----------
    resolved
        The document, from ``resolve_document``.
    drawings
        SVG text by figure identifier.

    Returns
    -------
    bytes
        A PDF/UA-1 file without dates. Only fonts that come with typst and matplotlib are used, so
        the machine's own fonts make no difference.

    Raises
    ------
    ReportError
        If the document cannot be set accessibly, such as a figure without a text alternative.
    """
    report = json.dumps({**resolved, "drawings": dict(drawings)}, ensure_ascii=False)
    template = files("lighttouch.core.reporting") / "templates" / "report.typ"
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    try:
        return typst.compile(  # type: ignore[misc]
            template.read_bytes(),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"report": report},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError as error:
        raise ReportError(
            f"the PDF cannot be set: {error.message}", remedy="; ".join(error.hints)
        ) from error
