"""Charts as accessible SVG drawn on the server, each with its numbers as a table beside it."""

from lighttouch.web.ui.charts.bars import draw_bars, draw_funnel
from lighttouch.web.ui.charts.curve import Curve, draw_curve
from lighttouch.web.ui.charts.grid import Cell, Grid, Row, draw_grid
from lighttouch.web.ui.charts.lines import draw_balance, draw_timeline
from lighttouch.web.ui.charts.model import Chart, Due

__all__ = [
    "Cell",
    "Chart",
    "Curve",
    "Due",
    "Grid",
    "Row",
    "draw_balance",
    "draw_bars",
    "draw_curve",
    "draw_funnel",
    "draw_grid",
    "draw_timeline",
]
