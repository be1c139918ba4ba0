"""Paper slips with a private link each, for staff without work e-mail; none is kept here."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

from lighttouch.core.errors import InputError
from lighttouch.web.surveys.handing import Handed
from lighttouch.web.surveys.models import Survey

TEMPLATE = Path(__file__).parent / "templates" / "surveys" / "managing" / "slips.typ"


def render_slips(survey: Survey, slips: Sequence[Handed]) -> bytes:
    """Set slips as an accessible PDF, eight to a page, in the order given.

    Raises
    ------
    InputError
        If there is nobody to make one for, or the page cannot be set.
    """
    if not slips:
        raise InputError("there is nobody to make a slip for", where="slips")
    # Half a second of libraries, which processes that print nothing are spared.
    import matplotlib as mpl
    import typst

    data = json.dumps(_describe(survey, slips), ensure_ascii=False)
    try:
        return typst.compile(  # type: ignore[misc]
            TEMPLATE.read_bytes(),
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            sys_inputs={"slips": data},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError as error:
        raise InputError("the slips cannot be set", where="slips") from error


def _describe(survey: Survey, slips: Sequence[Handed]) -> dict[str, object]:
    minutes = f"{survey.minutes} minute{'' if survey.minutes == 1 else 's'}"
    return {
        "title": f"Slips for {survey.title}",
        "heading": survey.title,
        "lines": [
            f"About {minutes}. You choose whether to answer.",
            "Your manager and your team never see your answers.",
            "Scan the code, or type the address. It is yours alone: please do not pass it on.",
        ],
        "slips": [
            {
                "code": one.code,
                "place": f"Team {one.team}" if one.team else "",
                "address": one.address,
                "letters": one.letters,
                "picture": draw_code(one.address),
            }
            for one in slips
        ],
    }


def draw_code(address: str) -> str:
    """Return the code that a phone scans for an address, as SVG."""
    import segno

    out = io.BytesIO()
    segno.make_qr(address, error="m").save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()
