"""The code of a meeting as a picture, and as one page to print."""

import io
import json
from pathlib import Path

from lighttouch.core.errors import InputError
from lighttouch.web.meetings.models import Meeting

TEMPLATE = Path(__file__).parent / "templates" / "meetings" / "sheet.typ"


def draw_code(address: str) -> str:
    """Return the code that a phone scans for an address, as SVG that fills its place."""
    import segno

    out = io.BytesIO()
    code = segno.make_qr(address, error="m")
    code.save(out, kind="svg", border=4, omitsize=True, xmldecl=False, light="#ffffff")
    return out.getvalue().decode()


def render_sheet(meeting: Meeting, address: str, short: str, site: str) -> bytes:
    """Set the code of a meeting as an accessible page, with what to do.

    Raises
    ------
    InputError
        If the page cannot be set.
    """
    # Half a second of libraries, which processes that print nothing are spared.
    import matplotlib as mpl
    import typst

    data = json.dumps(
        {
            "title": f"{meeting.survey.title}: {meeting.team_label}",
            "heading": meeting.survey.title,
            "team": meeting.team_label,
            "picture": draw_code(address),
            "site": site,
            "short": short,
            "minutes": meeting.survey.minutes,
        },
        ensure_ascii=False,
    )
    try:
        return typst.compile(  # type: ignore[misc]
            TEMPLATE.read_bytes(),
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            sys_inputs={"sheet": data},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError as error:
        raise InputError("the sheet cannot be set", where="sheet") from error
