"""A small clustered trial for the examples in this stage's documentation."""

from lighttouch.core.protocol.trial import Trial


def example_trial() -> Trial:
    """Return a trial of 20 teams of 15, two arms, days attended with a baseline.

    Examples
    --------
    >>> example_trial().clustered
    True
    """
    return Trial.model_validate(
        {
            "version": 1,
            "id": "example",
            "title": "An example",
            "summary": "Twenty teams, half of them offered something light.",
            "population": {"description": "Staff", "setting": "One council"},
            "arms": [
                {"id": "offer", "label": "Offered"},
                {"id": "usual", "label": "As usual", "reference": True},
            ],
            "allocation": {"unit": "team"},
            "waves": [{"id": "baseline", "label": "Before"}, {"id": "endline", "label": "After"}],
            "outcomes": [
                {
                    "id": "days",
                    "label": "Days attended",
                    "role": "primary",
                    "wave": "endline",
                    "derive": {"from": "return", "measure": "days_attended"},
                    "unit": "days",
                    "baseline": {"wave": "baseline"},
                }
            ],
            "power": [
                {
                    "outcome": "days",
                    "effect": 0.5,
                    "sd": 1.0,
                    "clusters": 20,
                    "mean_cluster_size": 15.0,
                    "icc": 0.05,
                }
            ],
            "retention": {"delete_after": "12 months", "key_holder": "The council"},
        }
    )
