"""The archive's form of a return: plain ``.csv``, one row per person, the same bytes every time."""

from pathlib import Path

import polars as pl

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.cleaning import DTYPES
from lighttouch.core.returns.columns import STANDARD


def write_canonical(frame: pl.DataFrame, path: Path) -> None:
    """Write a checked frame; the caller has refused it if it is blocked.

    Numbers are written in full, dates as ``2019-05-03``, yes and no as ``true`` and ``false``,
    null as nothing. Lines end with a line feed whatever the system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(frame.write_csv(line_terminator="\n").encode())


def read_canonical(path: Path, trial: Trial) -> pl.DataFrame:
    """Read a return from an archive with the types of ``CheckedReturn.frame``.

    Raises
    ------
    ReturnError
        If the file is not there, a standard column is missing, a column is unknown, or a value
        is not of its column's kind.
    """
    kinds: dict[str, str] = {column.id: column.kind for column in STANDARD}
    kinds |= {column.id: column.kind for column in trial.population.extra_columns}
    try:
        frame = pl.read_csv(path, infer_schema=False)
        unknown = [name for name in frame.columns if name not in kinds]
        missing = [column.id for column in STANDARD if column.id not in frame.columns]
        if not unknown and not missing:
            return frame.select(_parse(name, kinds[name]) for name in frame.columns)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ReturnError(
            "the return in the archive cannot be read", where=path.name, remedy="Assemble it again"
        ) from error
    raise ReturnError(
        "the return in the archive does not have the columns of this trial",
        where=path.name,
        remedy="Assemble the archive again from the checked returns",
    )


def _parse(name: str, kind: str) -> pl.Expr:
    column = pl.col(name)
    if kind == "yes_no":
        return column.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    if kind == "date":
        return column.str.to_date("%Y-%m-%d")
    return column.cast(DTYPES[kind])
