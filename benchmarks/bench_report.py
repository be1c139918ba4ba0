"""The report of a large trial against importing its libraries and drawing its figures alone."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Line, describe_times, median_ratio, time_in_turn

MOST_TIMES = 3.0
RUNS = 3

FIGURES_ALONE = """
import sys
from pathlib import Path
import jinja2, matplotlib, numpy, polars, pydantic, scipy.stats, typst, xlsxwriter
from lighttouch.core.reporting.figures import draw_figures
from lighttouch.core.reporting.serialising import results_from_json
results = results_from_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
draw_figures(results, Path(sys.argv[2]))
"""


def measure() -> list[Line]:
    """Time ``lighttouch report`` on the goal-setting archive, without simulated power."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        archive = folder / "archive"
        lighttouch = [sys.executable, "-m", "lighttouch"]
        simulate = ["simulate", "goal_setting", "--seed", "1", "--out", str(archive)]
        subprocess.run([*lighttouch, *simulate], check=True, capture_output=True)

        def ours() -> None:
            subprocess.run([*lighttouch, "report", str(archive)], check=True, capture_output=True)

        def peer() -> None:
            figures = folder / "figures"
            figures.mkdir(exist_ok=True)
            results = archive / "results.json"
            code = [sys.executable, "-c", FIGURES_ALONE, str(results), str(figures)]
            subprocess.run(code, check=True, capture_output=True)

        report, figures_alone = time_in_turn(ours, peer, runs=RUNS)
    ratio = median_ratio(report, figures_alone)
    return [
        Line(
            "`lighttouch report`, goal-setting trial of about 1,300 in 290 teams",
            describe_times(report),
            f"importing its libraries and drawing its figures: {describe_times(figures_alone)}",
            f"{ratio:.1f}×",
            f"at most {MOST_TIMES:g}×",
            ratio <= MOST_TIMES,
        )
    ]
