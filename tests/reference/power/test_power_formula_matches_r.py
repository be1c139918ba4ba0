"""The closed form agrees with R's power.t.test (script and output beside this file)."""

import csv
from pathlib import Path

import pytest

from lighttouch.core.power.formula import compute_formula_power
from lighttouch.core.power.model import PowerPlan

CASES = Path(__file__).with_name("power_reference.csv")
POWER_TOLERANCE = 1e-9
"""R's output is printed to ten decimals."""
EFFECT_TOLERANCE = 1e-6
"""R's root finder stops at 1e-10 of the effect, and eight decimals are printed."""


def _read_cases() -> list[dict[str, str]]:
    lines = [line for line in CASES.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def _plan(case: dict[str, str]) -> PowerPlan:
    clustered = int(case["size"]) > 1
    return PowerPlan(
        outcome="y",
        unit="points",
        arms=("offer", "usual"),
        shares=(0.5, 0.5),
        reference="usual",
        clustered=clustered,
        units=2 * int(case["per_arm"]),
        mean_size=float(case["size"]),
        size_cv=0.0,
        icc=float(case["icc"]),
        residual_share=1.0,
        analysed_share=1.0,
        cells=1,
        terms=0,
        sd=float(case["sd"]),
        effect=float(case["effect"]),
        power=0.8,
        significance=float(case["significance"]),
    )


@pytest.mark.parametrize("case", _read_cases(), ids=lambda case: case["case"])
def test_power_formula_agrees_with_base_r(case: dict[str, str]) -> None:
    (found,) = compute_formula_power(_plan(case))
    assert found.power == pytest.approx(float(case["power"]), abs=POWER_TOLERANCE)
    assert found.minimum_detectable_effect == pytest.approx(
        float(case["detectable"]), rel=EFFECT_TOLERANCE
    )
