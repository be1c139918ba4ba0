"""Values of baseline columns as the text that names blocks and strata."""

import polars as pl

MISSING = "missing"
"""The stratum of units without a value."""

SEPARATOR = "; "


def label_values(values: pl.Series) -> pl.Series:
    """Write values as labels: whole numbers without a point, yes or no, and what is empty.

    Examples
    --------
    >>> label_values(pl.Series([1.0, 2.5, None])).to_list()
    ['1', '2.5', 'missing']
    """
    return pl.Series(values.name, [_label(value) for value in values.to_list()], dtype=pl.String)


def _label(value: object) -> str:
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)
