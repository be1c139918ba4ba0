"""From a figure of the document to a finished image, checked against the results."""

from lighttouch.core.reporting.checking import check_drawing
from lighttouch.core.reporting.document import (
    Drawing,
    EstimationDrawing,
    Figure,
    FlowDrawing,
    ForestDrawing,
    FunnelDrawing,
    LoveDrawing,
    Runs,
)
from lighttouch.core.reporting.figures.canvas import Drawn, Text, drawing_settings
from lighttouch.core.reporting.figures.effects import draw_estimation, draw_forest, draw_love
from lighttouch.core.reporting.figures.flow import draw_flow
from lighttouch.core.reporting.figures.funnel import draw_funnel
from lighttouch.core.reporting.figures.timeline import draw_timeline


def draw_figure(figure: Figure, text: Text) -> Drawn:
    """Draw a figure.

    Parameters
    ----------
    figure
        What to draw.
    text
        Looks up runs in the results.

    Raises
    ------
    ReportError
        If the drawing prints a numeral that is neither of the results nor an axis mark.
    """
    said: list[str] = []

    def quote(runs: Runs) -> str:
        said.append(text(runs))
        return said[-1]

    with drawing_settings(figure.id):
        drawn = _draw(figure.drawing, quote)
    check_drawing(drawn.svg, said, drawn.ticks, f"figure {figure.id}")
    return drawn


def _draw(drawing: Drawing, text: Text) -> Drawn:
    match drawing:
        case FlowDrawing():
            return draw_flow(drawing, text)
        case FunnelDrawing():
            return draw_funnel(drawing, text)
        case LoveDrawing():
            return draw_love(drawing, text)
        case ForestDrawing():
            return draw_forest(drawing, text)
        case EstimationDrawing():
            return draw_estimation(drawing, text)
        case _:
            return draw_timeline(drawing, text)
