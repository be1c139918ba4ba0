"""Published randomised trials, from an installed package to the published numbers.

Each trial's folder in ``examples/`` says what was published and where. The published figures stand
here as they were printed; a computed figure must round to them.
"""

import csv
import json
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import hypot, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.datasets.building import build_analysis_set
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.estimation.describing import summarise_arms
from lighttouch.core.estimation.effects import estimate_outcome
from lighttouch.core.estimation.model import Estimate
from lighttouch.core.reporting.pipeline import run_trial

EXAMPLES = Path(__file__).parents[2] / "examples"

SAME = 1e-8
"""Two programs computing one least-squares estimate part only by rounding."""
SMALL_SAMPLE = 0.005
"""statsmodels' cluster variance has no correction for leverage; with 2,009 families it is worth a
fraction of one per cent."""
FAMILIES = 0.02
"""Relative; families had to be pieced together, and the published errors have three digits."""


@dataclass(frozen=True)
class Prepared:
    """A trial of ``examples/`` with its table written and its analysis set built."""

    folder: Path
    data: AnalysisSet
    found: dict[str, tuple[Estimate, ...]]

    def estimates(self, outcome: str, specification: str) -> dict[str, Estimate]:
        """Return the first estimate of each arm under a specification."""
        first: dict[str, Estimate] = {}
        for estimate in self.found[outcome]:
            if estimate.specification == specification:
                first.setdefault(estimate.arm, estimate)
        return first


Prepare = Callable[..., Prepared]


@pytest.fixture(scope="module")
def prepare(tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """Return a function that prepares a trial of ``examples/`` once."""

    @cache
    def prepare_once(name: str, trial: str = "trial") -> Prepared:
        folder = tmp_path_factory.mktemp(f"{name}_{trial}")
        runpy.run_path(str(EXAMPLES / name / "prepare.py"))["main"](folder / "study")
        text = (EXAMPLES / name / f"{trial}.toml").read_text(encoding="utf-8")
        archive = assemble_archive(text, data=folder / "study", out=folder / "archive")
        data = build_analysis_set(archive)
        outcomes = [outcome.id for outcome in archive.trial.outcomes]
        return Prepared(folder, data, {one: estimate_outcome(data, one) for one in outcomes})

    return prepare_once


# RAND Health Insurance Experiment: Manning and colleagues (1987), table 2, face-to-face visits.

VISITS = {
    "free": (4.55, 0.168),
    "coinsurance_25": (3.33, 0.190),
    "coinsurance_50": (3.03, 0.221),
    "coinsurance_95": (2.73, 0.177),
    "individual_deductible": (3.02, 0.171),
}
"""Mean visits a year and standard error, corrected for correlation in time and within families."""


def test_rand_mean_visits_by_plan_are_those_published(prepare: Prepare) -> None:
    trial = prepare("rand_health_insurance")
    for summary in summarise_arms(trial.data, "visits"):
        assert f"{summary.mean:.2f}" == f"{VISITS[summary.arm][0]:.2f}"


def test_rand_differences_and_family_clustered_errors_are_those_published(prepare: Prepare) -> None:
    found = prepare("rand_health_insurance").estimates("visits", "registered")
    free, free_error = VISITS["free"]
    assert sorted(found) == sorted(set(VISITS) - {"free"})
    for arm, estimate in found.items():
        mean, error = VISITS[arm]
        assert estimate.estimate == pytest.approx(mean - free, abs=0.01)
        assert estimate.standard_error == pytest.approx(hypot(error, free_error), rel=FAMILIES)
        assert estimate.clusters == 2009
        assert estimate.n == 20190


def test_rand_errors_that_ignore_families_are_half_as_large(prepare: Prepare) -> None:
    trial = prepare("rand_health_insurance")
    honest = trial.estimates("visits", "registered")["coinsurance_95"]
    house = trial.estimates("visits", "house")["coinsurance_95"]
    assert house.estimate == pytest.approx(honest.estimate, abs=SAME)
    assert house.standard_error < 0.55 * honest.standard_error


def test_rand_free_care_costs_45_per_cent_more_than_paying_95_per_cent(prepare: Prepare) -> None:
    trial = prepare("rand_health_insurance")
    means = {s.arm: s.mean or 0.0 for s in summarise_arms(trial.data, "expenses")}
    assert round(100 * (means["free"] / means["coinsurance_95"] - 1)) == 45


def test_rand_errors_agree_with_another_program(prepare: Prepare) -> None:
    found = prepare("rand_health_insurance").estimates("visits", "registered")
    lines = (EXAMPLES / "rand_health_insurance" / "reference.csv").read_text().splitlines()
    frozen = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert {row["arm"] for row in frozen} == set(found)
    for row in frozen:
        estimate = found[row["arm"]]
        assert estimate.estimate == pytest.approx(float(row["estimate"]), abs=1e-7)
        assert estimate.standard_error == pytest.approx(float(row["standard_error"]), rel=1e-5)
        assert estimate.degrees_of_freedom == pytest.approx(
            float(row["degrees_of_freedom"]), rel=1e-4
        )


def test_rand_estimates_agree_with_statsmodels(prepare: Prepare) -> None:
    trial = prepare("rand_health_insurance")
    table = pd.read_csv(trial.folder / "study" / "person_years.csv")
    fit = smf.ols("visits ~ C(plan, Treatment('free'))", table).fit(
        cov_type="cluster", cov_kwds={"groups": table["family"]}
    )
    for arm, estimate in trial.estimates("visits", "registered").items():
        term = f"C(plan, Treatment('free'))[T.{arm}]"
        assert estimate.estimate == pytest.approx(fit.params[term], abs=SAME)
        assert estimate.standard_error == pytest.approx(fit.bse[term], rel=SMALL_SAMPLE)


# Project STAR: Stock and Watson (2007), tables 13.1 and 13.2, kindergarten.


def test_star_differences_in_means_are_those_published(prepare: Prepare) -> None:
    found = prepare("star_class_size", "means").estimates("score", "registered")
    assert [_print(found[arm]) for arm in ("small", "aide")] == ["13.90 (2.45)", "0.31 (2.27)"]
    assert found["small"].n == 5786


def test_star_within_schools_the_effects_are_those_published(prepare: Prepare) -> None:
    found = prepare("star_class_size").estimates("score", "registered")
    assert [_print(found[arm]) for arm in ("small", "aide")] == ["15.93 (2.24)", "1.22 (2.04)"]
    assert found["small"].n == 5766


def test_star_estimates_agree_with_statsmodels(prepare: Prepare) -> None:
    trial = prepare("star_class_size")
    table = pd.read_csv(trial.folder / "study" / "kindergarten.csv").dropna()
    table = table.rename(columns={"class": "kind"})
    formula = "score ~ C(kind, Treatment('regular')) + teacher_experience + C(school)"
    fit = smf.ols(formula, table).fit(cov_type="HC2")
    found = trial.estimates("score", "registered")
    for arm, code in (("small", "small"), ("aide", "regular+aide")):
        term = f"C(kind, Treatment('regular'))[T.{code}]"
        assert found[arm].estimate == pytest.approx(fit.params[term], abs=SAME * 1e3)
        assert found[arm].standard_error == pytest.approx(fit.bse[term], rel=1e-6)


def test_star_says_that_chances_differed_between_schools(prepare: Prepare) -> None:
    found = prepare("star_class_size", "means").estimates("score", "registered")
    assert any("same chance" in warning for warning in found["small"].warnings)


# National Supported Work: Dehejia and Wahba (1999), experimental benchmark 1,794 (633).


def test_nsw_benchmark_is_the_one_published(prepare: Prepare) -> None:
    trial = prepare("nsw_job_training")
    (house,) = trial.estimates("earnings", "house").values()
    assert f"{house.estimate:,.0f} ({house.standard_error:.0f})" == "1,794 (633)"
    assert house.n_by_arm == {"supported_work": 185, "control": 260}


def test_nsw_honest_error_is_larger_than_the_published_one(prepare: Prepare) -> None:
    trial = prepare("nsw_job_training")
    (registered,) = trial.estimates("earnings", "registered").values()
    table = pd.read_csv(trial.folder / "study" / "men.csv")
    treated, control = (table["earnings_1978"][table["offered"] == arm] for arm in (1, 0))
    by_hand = sqrt(treated.var() / len(treated) + control.var() / len(control))
    assert registered.standard_error == pytest.approx(by_hand, rel=SAME)
    assert f"{registered.standard_error:.0f}" == "671"


# Indomethacin after ERCP: Elmunzer and colleagues (2012), primary outcome.


def test_indomethacin_risks_are_those_published(prepare: Prepare) -> None:
    trial = prepare("indomethacin")
    risks = {s.arm: s for s in summarise_arms(trial.data, "pancreatitis")}
    assert {arm: (f"{100 * (s.mean or 0):.1f}", s.n) for arm, s in risks.items()} == {
        "placebo": ("16.9", 307),
        "indomethacin": ("9.2", 295),
    }


def test_indomethacin_difference_is_the_published_one_and_13_are_treated_for_one(
    prepare: Prepare,
) -> None:
    trial = prepare("indomethacin")
    (house,) = trial.estimates("pancreatitis", "house").values()
    assert house.estimate == pytest.approx(27 / 295 - 52 / 307, abs=SAME)
    assert round(-1 / house.estimate) == 13
    assert f"{house.p_value:.3f}" == "0.005"


def test_indomethacin_registered_estimate_is_within_hospitals(prepare: Prepare) -> None:
    trial = prepare("indomethacin")
    (registered,) = trial.estimates("pancreatitis", "registered").values()
    table = pd.read_csv(trial.folder / "study" / "patients.csv")
    table["treated"] = (table["drug"] == "1_indomethacin").astype(float)
    share = table.groupby("centre")["treated"].transform("mean")
    table["weight"] = np.where(table["treated"] == 1, 1 / share, 1 / (1 - share))
    fit = smf.wls("pancreatitis ~ treated + C(centre)", table, weights=table["weight"]).fit()
    assert registered.estimate == pytest.approx(fit.params["treated"], abs=SAME)


# The whole way, as a user goes it.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "outcome"), [("nsw_job_training", "earnings"), ("rand_health_insurance", "visits")]
)
def test_published_trial_runs_from_its_table_to_a_report(
    prepare: Prepare,
    tmp_path: Path,
    name: str,
    outcome: str,
) -> None:
    trial = prepare(name)
    text = (EXAMPLES / name / "trial.toml").read_text(encoding="utf-8")
    study = trial.folder / "study"
    run_trial(text, data=study, out=tmp_path / "out", progress=lambda *_: None)
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (found,) = (one for one in results["outcomes"] if one["id"] == outcome)
    printed = {
        e["arm"]: e["estimate"] for e in found["estimates"] if e["specification"] == "registered"
    }
    assert printed == {
        arm: pytest.approx(estimate.estimate)
        for arm, estimate in trial.estimates(outcome, "registered").items()
    }
    assert (tmp_path / "out" / "report" / "report.html").stat().st_size > 0


def test_bring_your_own_page_runs_on_tables_like_those_it_shows(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "docs" / "howto" / "bring-your-own.md").read_text(encoding="utf-8")
    text = page.split("```toml our_trial.toml\n")[1].split("```")[0]
    rng = np.random.default_rng(6)
    before = pd.DataFrame({"code": [f"p{i}" for i in range(96)], "days": rng.normal(100, 9, 96)})
    before["team"] = [f"t{i // 8}" for i in range(96)]
    before["arm"] = ["TC"[(i // 8) % 2] for i in range(96)]
    treated = (before["arm"] == "T").astype(float)
    after = before[["code"]].assign(days=before["days"] + 5 * treated + rng.normal(0, 4, 96))[:-3]
    before.to_csv(tmp_path / "before.csv", index=False)
    after.to_csv(tmp_path / "after.csv", index=False)
    data = build_analysis_set(assemble_archive(text, data=tmp_path, out=tmp_path / "archive"))
    registered = estimate_outcome(data, "days")[0]
    columns = {"y": after["days"], "treated": treated[:-3], "x": before["days"][:-3]}
    fit = smf.ols("y ~ treated + x", pd.DataFrame(columns)).fit()
    assert registered.estimate == pytest.approx(fit.params["treated"], abs=SAME)
    assert registered.n_by_arm == {"meeting": 48, "usual": 45}
    assert data.frame.height == 96


@pytest.mark.parametrize("name", sorted(path.parent.name for path in EXAMPLES.glob("*/prepare.py")))
def test_published_trials_keep_no_rows_in_the_repository(name: str) -> None:
    kept = {path.name for path in (EXAMPLES / name).iterdir() if path.name != "__pycache__"}
    assert kept <= {
        "README.md",
        "prepare.py",
        "trial.toml",
        "means.toml",
        "reference.R",
        "reference.csv",
    }


def _print(estimate: Estimate) -> str:
    return f"{estimate.estimate:.2f} ({estimate.standard_error:.2f})"
