"""Columns of given tables, the roster and returns, as numbers or as text."""

from collections.abc import Mapping

import polars as pl

from lighttouch.core.archive.layout import ROSTER, TABLES
from lighttouch.core.archive.model import Archive
from lighttouch.core.archive.tabular import FIRST_ROW
from lighttouch.core.errors import ArchiveError, Fault
from lighttouch.core.protocol.measures import Covariate, FromColumn
from lighttouch.core.returns.columns import STANDARD


def read_column(archive: Archive, wave_id: str, derive: FromColumn) -> pl.DataFrame:
    """Return ``participant`` and ``value`` (Float64): a column of a given table, times its scale.

    Raises
    ------
    ArchiveError
        If the table or column is not there, or a cell is not a number.
    """
    table = table_columns(archive, wave_id, derive.column)
    numbers = read_numbers(table, derive.column, table_file(wave_id))
    return numbers.with_columns(pl.col("value") * derive.scale)


def read_covariate(archive: Archive, covariate: Covariate) -> pl.DataFrame:
    """Return ``participant`` and ``value``: Float64 when coded ``numeric``, else text.

    A covariate of the baseline return is read from the roster, which was frozen at allocation; a
    later one from that wave's returns; one of a given table from that table. A column no partner
    filled in is missing for everyone.

    Raises
    ------
    ArchiveError
        If the column is neither there nor one the trial asks for, or a cell is not a number.
    """
    source, frame = _covariate_source(archive, covariate)
    if covariate.column not in frame.columns:
        extra = (column.id for column in archive.trial.population.extra_columns)
        if covariate.column not in {*extra, *(column.id for column in STANDARD)}:
            raise ArchiveError(_no_column(covariate.column, source))
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(covariate.column))
    if covariate.coding == "numeric":
        return read_numbers(frame, covariate.column, source)
    return frame.select("participant", value=_as_text(frame.schema, covariate.column))


def table_columns(archive: Archive, wave_id: str, column: str) -> pl.DataFrame:
    """Return ``participant`` and one column of a wave's given table.

    Raises
    ------
    ArchiveError
        If either is not there.
    """
    file = table_file(wave_id)
    table = archive.tables.get(wave_id)
    if table is None:
        raise ArchiveError("the table is not in the archive", where=file)
    if column not in table.columns:
        raise ArchiveError(_no_column(column, file))
    return table.select("participant", column)


def read_numbers(frame: pl.DataFrame, column: str, source: str) -> pl.DataFrame:
    """Return ``participant`` and ``value``: a column as Float64; empty cells are null.

    Raises
    ------
    ArchiveError
        If a cell holds something else than a finite number; every such row is named.

    Examples
    --------
    >>> frame = pl.DataFrame({"participant": ["a/1", "a/2"], "hours": ["2.5", ""]})
    >>> read_numbers(frame, "hours", "hours.csv")["value"].to_list()
    [2.5, None]
    """
    text = pl.col(column)
    if frame.schema[column] == pl.String:
        text = text.str.strip_chars().replace("", None)
    numbered = frame.with_row_index("row", offset=FIRST_ROW).select(
        "row", "participant", given=text, value=text.cast(pl.Float64, strict=False)
    )
    wrong = pl.col("given").is_not_null() & ~pl.col("value").is_finite().fill_null(value=False)
    rows = numbered.filter(wrong)["row"]
    if len(rows):
        what = f"column {column} does not hold a number"
        raise ArchiveError(Fault(what, f"{source}, row {row}") for row in rows)
    return numbered.select("participant", "value")


def _as_text(schema: Mapping[str, pl.DataType], column: str) -> pl.Expr:
    """Text of a cell: yes or no, whole numbers without a point, empty as missing."""
    cell = pl.col(column)
    if schema[column] == pl.Boolean:
        return pl.when(cell).then(pl.lit("yes")).when(~cell).then(pl.lit("no"))
    if schema[column].is_float():
        whole = cell.cast(pl.Int64, strict=False)
        return pl.when(cell == whole).then(whole.cast(pl.String)).otherwise(cell.cast(pl.String))
    return cell.cast(pl.String).str.strip_chars().replace("", None)


def _covariate_source(archive: Archive, covariate: Covariate) -> tuple[str, pl.DataFrame]:
    wave = covariate.wave
    if wave in archive.tables:
        return table_file(wave), archive.tables[wave]
    if wave == archive.trial.baseline_wave.id:
        return ROSTER, archive.roster
    frames = [
        frame.with_columns(participant=pl.concat_str(pl.lit(f"{partner}/"), "staff_id"))
        for (partner, at), frame in sorted(archive.returns.items(), key=lambda entry: entry[0])
        if at == wave
    ]
    empty = pl.DataFrame(schema={"participant": pl.String})
    return f"returns at {wave}", pl.concat([empty, *frames], how="diagonal_relaxed")


def table_file(wave_id: str) -> str:
    """Return where the archive keeps a wave's given table."""
    return f"{TABLES}/{wave_id}.csv"


def _no_column(column: str, source: str) -> Fault:
    return Fault(
        f"there is no column {column}", source, "Give the column or correct the trial file"
    )
