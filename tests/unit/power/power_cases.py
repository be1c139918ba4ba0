"""Trials for the tests of the power stage."""

from typing import Any

from lighttouch.core.protocol.trial import Trial


def make_trial(
    power: dict[str, Any] | None = None,
    *,
    allocation: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    outcome: dict[str, Any] | None = None,
    **parts: object,
) -> Trial:
    """Return a trial of 20 teams of 15 with no covariates, changed as asked."""
    assumptions = {"outcome": "days", "effect": 0.5, "sd": 1.0, "icc": 0.05}
    sizes = {"clusters": 20, "mean_cluster_size": 15.0}
    trial: dict[str, Any] = {
        "version": 1,
        "id": "small",
        "title": "A small trial",
        "summary": "Teams are offered something light.",
        "population": {"description": "Staff", "setting": "Councils"},
        "arms": [
            {"id": "offer", "label": "Offered"},
            {"id": "usual", "label": "As usual", "reference": True},
        ],
        "allocation": allocation or {"unit": "team"},
        "waves": [{"id": "baseline", "label": "Before"}, {"id": "endline", "label": "After"}],
        "covariates": [{"id": "tenure", "label": "Tenure", "column": "t", "coding": "numeric"}],
        "outcomes": [
            {
                "id": "days",
                "label": "Days attended",
                "role": "primary",
                "wave": "endline",
                "derive": {"from": "return", "measure": "days_attended"},
                "unit": "days",
            }
            | (outcome or {})
        ],
        "analysis": analysis or {},
        "power": [assumptions | (sizes if power is None else power)],
        "retention": {"delete_after": "12 months", "key_holder": "The council"},
    }
    return Trial.model_validate(trial | parts)


def people(count: int, **more: object) -> dict[str, Any]:
    """Return assumptions for an individually allocated trial."""
    return {"participants": count, "icc": 0.0, **more}


PEOPLE = {"unit": "participant"}
"""Allocation of people."""

COUNCILS = [{"id": name, "name": name.title()} for name in ("avon", "brent", "corby")]
"""Three recruited partners."""
