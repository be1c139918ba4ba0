"""Small trials and analysis sets for the tests of estimation."""

from typing import Any

import numpy as np
import polars as pl

from lighttouch.core.allocation.declaring import Design, declare_observed_design
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.protocol.trial import Trial

BASE: dict[str, Any] = {
    "version": 1,
    "id": "demo",
    "title": "Demonstration",
    "summary": "A trial for tests.",
    "population": {
        "description": "Staff",
        "setting": "Councils",
        "partners": [{"id": "kent", "name": "Kent"}, {"id": "hull", "name": "Hull"}],
    },
    "arms": [
        {"id": "control", "label": "Control", "reference": True},
        {"id": "letter", "label": "Letter"},
    ],
    "allocation": {"unit": "participant"},
    "waves": [{"id": "baseline", "label": "Baseline"}, {"id": "endline", "label": "Endline"}],
    "outcomes": [],
    "retention": {"delete_after": "1 year", "key_holder": "The centre"},
}
THREE_ARMS: list[dict[str, Any]] = [
    {"id": "control", "label": "Control", "reference": True},
    {"id": "letter", "label": "Letter"},
    {"id": "coffee", "label": "Coffee"},
]


def outcome(outcome_id: str = "days", **changes: Any) -> dict[str, Any]:
    """An outcome read from a column."""
    return {
        "id": outcome_id,
        "label": outcome_id.capitalize(),
        "role": "primary",
        "wave": "endline",
        "derive": {"from": "column", "column": outcome_id},
        "unit": "days",
    } | changes


def make_trial(**changes: Any) -> Trial:
    """The demonstration trial with some of its parts replaced."""
    return Trial.model_validate(BASE | {"outcomes": [outcome()]} | changes)


def make_set(
    arms: list[str] | np.ndarray[Any, Any],
    values: dict[str, Any],
    *,
    trial: Trial | None = None,
    **keys: Any,
) -> AnalysisSet:
    """An analysis set of these arms and ``outcome:``, ``baseline:`` and ``covariate:`` columns."""
    n = len(arms)
    people = [f"p{i:04}" for i in range(n)]
    columns = {
        "participant": people,
        "partner": ["kent"] * n,
        "unit": people,
        "block": [""] * n,
        "stratum": [""] * n,
        "arm": list(arms),
        "probability": [0.5] * n,
        "weight": [1.0] * n,
    } | keys
    return AnalysisSet(trial or make_trial(), pl.DataFrame(columns | values, strict=False))


def make_clustered(seed: int = 1, **changes: Any) -> AnalysisSet:
    """Thirteen buildings in four strata of two partners, with a baseline and covariates."""
    rng = np.random.default_rng(seed)
    sizes = np.array([5, 9, 20, 31, 12, 8, 40, 25, 3, 18, 22, 7, 30])
    building = np.repeat(np.arange(13), sizes)
    n = len(building)
    treated = np.array([0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1])[building]
    baseline = rng.normal(20, 2, n)
    y = 5 + 0.7 * baseline + 0.4 * treated + rng.normal(0, 0.8, 13)[building] + rng.normal(0, 1, n)
    values = {
        "outcome:days": y,
        "baseline:days": [None if i % 9 == 0 else v for i, v in enumerate(baseline)],
        "covariate:tenure": [None if i % 11 == 0 else v for i, v in enumerate(rng.gamma(2, 20, n))],
        "covariate:female": rng.choice(["female", "male"], n),
        "covariate:role": rng.choice(["assistant", "manager", "worker"], n),
    }
    trial = make_trial(
        **{
            "allocation": {"unit": "building"},
            "outcomes": [outcome(baseline={"wave": "baseline"})],
            "covariates": COVARIATES,
            "analysis": {
                "covariates": ["tenure", "female", "role"],
                "house": {"covariates": ["tenure"], "baseline_outcome": True},
            },
        }
        | changes
    )
    keys = {
        "unit": [f"kent/b{b:02}" for b in building],
        "partner": np.where(building < 7, "kent", "hull"),
        "block": np.where(building < 7, "kent", "hull"),
        "stratum": (building // 4).astype(str),
    }
    arms = np.where(treated == 1, "letter", "control")
    return make_set(arms, values, trial=trial, **keys)


COVARIATES = [
    {"id": "tenure", "label": "Tenure", "column": "tenure", "coding": "numeric"},
    {
        "id": "female",
        "label": "Female",
        "column": "gender",
        "coding": "indicator",
        "value": "female",
    },
    {
        "id": "role",
        "label": "Role",
        "column": "role",
        "coding": "categorical",
        "reference": "worker",
    },
]


def observed_design(data: AnalysisSet) -> Design:
    """The design that fixes the observed numbers of each arm within block and stratum."""
    units = data.frame.select("unit", "block", "stratum", "arm").unique()
    return declare_observed_design(units, data.trial.arms)
