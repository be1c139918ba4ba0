"""Eight people and two outcomes, for the examples in this stage's documentation."""

import polars as pl

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.protocol.trial import Trial


def example_set() -> AnalysisSet:
    """Return the analysis set of a small trial in which people were allocated to two arms.

    Examples
    --------
    >>> example_set().frame.select("arm", "outcome:days").rows()[::4]
    [('control', 18.0), ('letter', 21.0)]
    """
    outcome = {"role": "primary", "wave": "endline", "unit": "days"}
    trial = Trial.model_validate(
        {
            "version": 1,
            "id": "example",
            "title": "Example",
            "summary": "Eight people.",
            "population": {"description": "Staff", "setting": "One council"},
            "arms": [
                {"id": "control", "label": "Control", "reference": True},
                {"id": "letter", "label": "Letter"},
            ],
            "allocation": {},
            "waves": [{"id": "endline", "label": "Endline"}],
            "outcomes": [
                outcome | {"id": name, "label": name, "derive": {"from": "column", "column": name}}
                for name in ("days", "spells")
            ],
            "analysis": {
                "families": [{"id": "main", "roles": ["primary"], "method": "westfall_young"}]
            },
            "retention": {"delete_after": "1 year", "key_holder": "The centre"},
        }
    )
    people = [f"p{number}" for number in range(8)]
    frame = pl.DataFrame(
        {
            "participant": people,
            "partner": ["kent"] * 8,
            "unit": people,
            "block": ["kent"] * 8,
            "stratum": [""] * 8,
            "arm": ["control"] * 4 + ["letter"] * 4,
            "probability": [0.5] * 8,
            "weight": [1.0] * 8,
            "outcome:days": [18.0, 20, 19, 17, 21, 23, 20, 22],
            "outcome:spells": [2.0, 1, 3, 2, 1, 2, 0, 1],
        }
    )
    return AnalysisSet(trial, frame)
