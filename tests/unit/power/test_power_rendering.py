"""The report: text, JSON and curves."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from power_cases import make_trial

from lighttouch.core.errors import ProtocolError
from lighttouch.core.power.rendering import (
    render_power_figure,
    render_power_json,
    render_power_report,
    render_power_text,
)
from lighttouch.core.power.reporting import compute_power_report

SMALL = make_trial({"clusters": 10, "mean_cluster_size": 6.0})


def test_power_report_without_simulation_has_no_seed() -> None:
    report = compute_power_report(SMALL)
    assert report.seed is None
    assert report.outcomes[0].simulated == ()
    assert report.outcomes[0].by_effect[0].simulated is None


def test_power_report_with_simulation_adds_it_to_the_curve() -> None:
    report = compute_power_report(SMALL, draws=40, seed=2, workers=1)
    outcome = report.outcomes[0]
    (found,) = outcome.simulated
    assert (report.seed, report.draws, found.draws) == (2, 40, 40)
    assert outcome.by_effect[0].simulated == found.type_one_error
    simulated = [point.simulated for point in outcome.by_effect if point.simulated is not None]
    assert len(simulated) == len(outcome.by_effect)
    assert simulated[-1] > simulated[0]


def test_power_report_of_a_trial_without_assumptions_is_a_fault() -> None:
    with pytest.raises(ProtocolError, match="no power assumptions"):
        compute_power_report(make_trial().model_copy(update={"power": ()}))


def test_power_text_puts_warnings_before_numbers() -> None:
    text = render_power_text(compute_power_report(SMALL, draws=40, seed=2, workers=1))
    assert text.index("FEW CLUSTERS") < text.index("by formula")
    assert "Monte-Carlo standard error" in text
    assert "seed 2" in text
    assert "10 clusters allocated; 100% of people analysed" in text


def test_power_text_of_a_sound_trial_has_no_warning_mark() -> None:
    text = render_power_text(
        compute_power_report(make_trial({"clusters": 60, "mean_cluster_size": 15.0}))
    )
    assert "!" not in text
    assert "simulation" not in text


def test_power_text_says_when_trials_could_not_be_analysed() -> None:
    trial = make_trial({"clusters": 4, "mean_cluster_size": 1.0, "response": 0.4})
    text = render_power_text(compute_power_report(trial, draws=60, seed=1, workers=1))
    assert "of these trials could not be analysed" in text
    assert "none within reach of the design" in text


def test_power_text_gives_the_detectable_effect_without_an_interval_it_does_not_have() -> None:
    report = compute_power_report(SMALL, draws=25, seed=1, workers=1)
    assert "Monte-Carlo interval" in render_power_text(report)
    (outcome,) = report.outcomes
    (found,) = outcome.simulated
    bare = replace(found, minimum_detectable_interval=None)
    text = render_power_text(replace(report, outcomes=(replace(outcome, simulated=(bare,)),)))
    assert "Monte-Carlo interval" not in text
    assert f"minimum detectable effect: {found.minimum_detectable_effect:.3g} days" in text


def test_power_json_holds_the_same_numbers_as_the_report() -> None:
    report = compute_power_report(SMALL)
    data = json.loads(render_power_json(report))
    assert data["outcomes"][0]["formula"][0]["power"] == report.outcomes[0].formula[0].power
    assert data["trial"] == "small"


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_power_figure_is_the_same_bytes_twice(tmp_path: Path, suffix: str) -> None:
    outcome = compute_power_report(SMALL, draws=25, seed=2, workers=1).outcomes[0]
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    render_power_figure(outcome, first)
    render_power_figure(outcome, second)
    assert first.read_bytes() == second.read_bytes()


def test_power_figure_names_its_axes_in_the_outcomes_unit(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    render_power_figure(compute_power_report(SMALL).outcomes[0], path)
    drawn = path.read_text(encoding="utf-8")
    assert "True effect (days)" in drawn
    assert "Clusters" in drawn
    assert "simulated" not in drawn


def test_power_report_folder_holds_text_data_and_curves(tmp_path: Path) -> None:
    written = render_power_report(compute_power_report(SMALL), tmp_path / "power")
    assert [path.name for path in written] == [
        "power.txt",
        "power.json",
        "power-1-days.svg",
        "power-1-days.png",
    ]
    assert all(path.stat().st_size > 0 for path in written)
