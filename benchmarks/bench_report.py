"""The report of a large trial against importing its libraries and drawing its figures alone."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Line, describe_times, median_ratio, time_in_turn

MOST_TIMES = 3.0
RUNS = 3

PEOPLE = 1500
PARTNER_SIZE = r"(?m)^people = (\d{3})$(?=\n)"
PROFILE = Path(__file__).parents[1] / "src/lighttouch/core/simulation/profiles/goal_setting.toml"

FIGURES_ALONE = """
import json, sys
from pathlib import Path
import jinja2, matplotlib, numpy, polars, pydantic, scipy.stats, typst, xlsxwriter
from lighttouch.core.reporting.composing.whole import compose_document
from lighttouch.core.reporting.figures.drawing import draw_figure
from lighttouch.core.reporting.resolving import Resolver, label_parts
from lighttouch.core.reporting.serialising import results_from_json
from lighttouch.core.reporting.sourcing import At, Source
text = Path(sys.argv[1]).read_text(encoding="utf-8")
tree = json.loads(text)
document = compose_document(Source(results_from_json(text), At("", tree)))
resolver = Resolver(tree, label_parts(document))
for figure in document.figures:
    drawn = draw_figure(figure, resolver.text)
    Path(sys.argv[2], figure.id + ".svg").write_text(drawn.svg, encoding="utf-8")
    Path(sys.argv[2], figure.id + ".png").write_bytes(drawn.png)
"""


def _write_profile(path: Path) -> None:
    """Write the goal-setting profile with its partners enlarged to 1,500 people in all."""
    text = PROFILE.read_text(encoding="utf-8")
    sizes = [int(size) for size in re.findall(PARTNER_SIZE, text)][1:]  # the first is a default
    scale = PEOPLE / sum(sizes)
    path.write_text(
        re.sub(PARTNER_SIZE, lambda m: f"people = {round(int(m[1]) * scale)}", text),
        encoding="utf-8",
    )


def measure() -> list[Line]:
    """Time ``lighttouch report`` on the goal-setting archive, without simulated power."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        archive = folder / "archive"
        lighttouch = [sys.executable, "-m", "lighttouch"]
        profile = folder / "profile.toml"
        _write_profile(profile)
        simulate = ["simulate", "goal_setting", "--out", str(archive), "--profile", str(profile)]
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
            f"`lighttouch report`, goal-setting trial of {PEOPLE:,} people in teams",
            describe_times(report),
            f"importing its libraries and drawing its figures: {describe_times(figures_alone)}",
            f"{ratio:.1f}×",
            f"at most {MOST_TIMES:g}×",
            ratio <= MOST_TIMES,
        )
    ]
