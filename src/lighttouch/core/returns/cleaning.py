"""From cells to values: each column by its kind, with a finding for each cell that will not do.

Only distinct values that are not plain codes are looked at closely, so a clean return of a
million rows costs little more than reading it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.returns.choices import map_choices, nearest_choice
from lighttouch.core.returns.columns import Column
from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.personal import (
    PERSONAL_WORDS,
    PLAIN_CODE,
    Strictness,
    classify_personal,
    find_suspects,
)
from lighttouch.core.returns.preamble import parse_date

DTYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "choice": pl.String(),
    "number": pl.Float64(),
    "count": pl.Int64(),
    "date": pl.Date(),
    "yes_no": pl.Boolean(),
}
_EMPTY = (
    "",
    "-",
    "–",
    "—",
    ".",
    "n/a",
    "na",
    "n.a.",
    "#n/a",
    "null",
    "none",
    "not known",
    "nil data",
)
CODE = r"^[\p{L}0-9][\p{L}0-9 _./#()&'’-]{0,59}$"
"""What a code of a person, team or building looks like."""

_TOTALS = r"(?i)^(?:grand |sub-?)?(?:totals?|sum|average|mean)\s*:?$"
_NOTE_LENGTH = 40
_NOTE_WORDS = 4
_ANSWERS = dict.fromkeys(("yes", "y", "true", "1", "1.0"), True) | dict.fromkeys(
    ("no", "n", "false", "0", "0.0"), False
)
_EXCEL_DAYS = (20_000.0, 80_000.0)  # 1954 to 2119 as a bare day number
_EXCEL_EPOCH = pl.date(1899, 12, 30)
_CODE_COLUMNS: Mapping[str, Strictness] = {
    "staff_id": "person",
    "team": "place",
    "building": "place",
}


def clean_return(
    frame: pl.DataFrame, columns: Sequence[Column | ExtraColumn], findings: Findings
) -> pl.DataFrame:
    """Turn the cells of a return into values.

    Parameters
    ----------
    frame
        As in ``RawReturn.frame``.
    columns
        The columns the return may hold.
    findings
        Where faults are noted.

    Returns
    -------
    ``row`` and every one of ``columns``, typed as ``DTYPES`` says, without blank rows, notes and
    totals. Cells that are empty, unreadable or personal are null.
    """
    frame = _drop_idle_rows(frame, findings)
    _check_others(frame, findings)
    with ThreadPoolExecutor() as pool:  # polars works outside Python's lock
        results = list(pool.map(lambda column: _clean_apart(frame, column, findings), columns))
    for _, noted in results:
        findings.found.extend(noted.found)
    return pl.DataFrame([frame["row"], *(series for series, _ in results)])


def _clean_apart(
    frame: pl.DataFrame, column: Column | ExtraColumn, findings: Findings
) -> tuple[pl.Series, Findings]:
    """Clean one column with findings of its own, so that columns can be cleaned side by side."""
    noted = Findings(findings.sheet, findings.places)
    if column.id not in frame.columns:
        return _empty(column.id, frame.height, DTYPES[column.kind]), noted
    return _clean_column(frame, column, noted).alias(column.id), noted


def _empty(name: str, height: int, dtype: pl.DataType) -> pl.Series:
    return pl.Series(name, [None], dtype=dtype).new_from_index(0, height)


def _clean_column(
    frame: pl.DataFrame, column: Column | ExtraColumn, findings: Findings
) -> pl.Series:
    cells = frame.select("row", cell=column.id)
    if column.kind == "text":
        return _clean_text(cells, column.id, findings)
    if column.kind == "choice":
        return _clean_choice(cells, column, findings)
    if column.kind == "date":
        return _clean_date(cells, column.id, findings)
    if column.kind == "yes_no":
        return _clean_yes_no(cells, column.id, findings)
    return _clean_number(cells, column.id, DTYPES[column.kind], findings)


def _drop_idle_rows(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Drop blank rows, notes and totals; only rows without a plain staff code can be any."""
    odd = frame
    if "staff_id" in frame.columns:
        plain = pl.col("staff_id").cast(pl.String).str.contains(PLAIN_CODE).fill_null(value=False)
        odd = frame.filter(~plain)
    if odd.is_empty():
        return frame
    text = odd.select("row", pl.exclude("row").cast(pl.String).str.strip_chars().replace("", None))
    filled = text.select(pl.sum_horizontal(pl.exclude("row").is_not_null()))[:, 0]
    words = text.select(pl.concat_str(pl.exclude("row"), ignore_nulls=True))[:, 0]
    long = (words.str.len_chars() > _NOTE_LENGTH) | (words.str.count_matches(r"\S+") >= _NOTE_WORDS)
    notes = text.filter((filled == 1) & (long | words.str.ends_with(":")))
    totals = text.filter(_is_total(text))
    _note_idle(notes, totals, findings)
    idle = pl.concat([text.filter(filled == 0)["row"], notes["row"], totals["row"]])
    return frame.join(idle.unique().to_frame(), on="row", how="anti", maintain_order="left")


def _is_total(text: pl.DataFrame) -> pl.Series:
    if "staff_id" not in text.columns:
        return pl.repeat(value=False, n=text.height, eager=True)
    return text["staff_id"].str.contains(_TOTALS).fill_null(value=False)


def _note_idle(notes: pl.DataFrame, totals: pl.DataFrame, findings: Findings) -> None:
    findings.add_rows(
        "note_row",
        notes["row"],
        fault="the row holds a note, not a person, and is passed over",
        remedy="Nothing, unless it should be a person's row",
        blocks=False,
    )
    findings.add_rows(
        "total_row",
        totals["row"],
        fault="the row holds totals, not a person, and is passed over",
        remedy="Nothing, unless it should be a person's row",
        blocks=False,
    )


def _check_others(frame: pl.DataFrame, findings: Findings) -> None:
    for name in frame.columns:
        if name.startswith("other:"):
            cells = frame.select("row", cell=name)
            _clean_personal(cells, _look_up(cells, "text"), name, findings)


def _look_up(cells: pl.DataFrame, strictness: Strictness) -> pl.DataFrame:
    """Return each distinct odd text with its stripped form and what personal thing it is."""
    suspects = find_suspects(cells["cell"])
    clean = suspects.str.strip_chars()
    clean = clean.str.replace(r"^([0-9]+)\.0$", "${1}")
    empty = clean.str.to_lowercase().is_in(_EMPTY)
    clean = clean.to_frame("clean").select(pl.when(~empty).then("clean"))["clean"]
    return pl.DataFrame(
        {"cell": suspects, "clean": clean, "kind": classify_personal(clean, strictness)}
    )


def _clean_personal(
    cells: pl.DataFrame, table: pl.DataFrame, column: str, findings: Findings
) -> None:
    personal = table.drop_nulls("kind")
    if personal.is_empty():
        return
    rows = cells.join(personal, on="cell", maintain_order="left")
    for kind, words in PERSONAL_WORDS.items():
        findings.add_rows(
            f"looks_like_{kind}",
            rows.filter(kind=kind)["row"],
            fault=f"the cell looks like {words}, which must not leave the organisation",
            remedy="Put the code in its place, or clear the cell",
            blocks=True,
            column=column,
        )


def _clean_text(cells: pl.DataFrame, column: str, findings: Findings) -> pl.Series:
    strictness = _CODE_COLUMNS.get(column, "text")
    table = _look_up(cells, strictness)
    if table.is_empty():
        return cells["cell"]
    _clean_personal(cells, table, column, findings)
    coded = column in _CODE_COLUMNS
    bad = pl.col("clean").str.contains(CODE).not_() if coded else pl.lit(value=False)
    table = table.with_columns(bad=(bad & pl.col("kind").is_null()).fill_null(value=False))
    joined = cells.join(table, on="cell", how="left", maintain_order="left")
    findings.add_rows(
        "not_a_code",
        joined.filter("bad")["row"],
        fault="the cell is not a code made of letters and figures",
        remedy="Put the code as text; a spreadsheet may have turned it into a date or formula",
        blocks=True,
        column=column,
    )
    known = pl.col("bad").is_not_null() | pl.col("cell").is_null()
    odd = pl.when(pl.col("kind").is_null() & ~pl.col("bad"))
    return joined.select(pl.when(known).then(odd.then("clean")).otherwise("cell").alias("clean"))[
        "clean"
    ]


def _clean_choice(
    cells: pl.DataFrame, column: Column | ExtraColumn, findings: Findings
) -> pl.Series:
    table = _look_up_choices(cells, column)
    _clean_personal(cells, table, column.id, findings)
    unknown = table.filter("unknown").select("cell")
    if unknown.height:
        rows = cells.join(unknown, on="cell", how="semi", maintain_order="left")
        _note_unknown_choices(rows, column, findings)
    return _replace(cells["cell"], table["cell"], table["clean"])


def _replace(cells: pl.Series, texts: pl.Series, values: pl.Series) -> pl.Series:
    """Put the value of each distinct text in its place; null stays null."""
    if texts.is_empty():
        return _empty(cells.name, len(cells), values.dtype)
    return cells.replace_strict(texts, values, default=None, return_dtype=values.dtype)


def _look_up_choices(cells: pl.DataFrame, column: Column | ExtraColumn) -> pl.DataFrame:
    texts = cells["cell"].drop_nulls().unique(maintain_order=True)
    stripped = texts.str.strip_chars()
    empty = stripped.str.to_lowercase().is_in(_EMPTY)
    clean = pl.Series("clean", map_choices(stripped, column), dtype=pl.String)
    table = pl.DataFrame({"cell": texts, "text": stripped, "clean": clean})
    odd = table.filter(clean.is_null() & ~empty)
    kinds = odd.select("cell", kind=classify_personal(odd["text"], "text"), odd=pl.lit(value=True))
    joined = table.join(kinds, on="cell", how="left", maintain_order="left")
    unknown = pl.col("odd").fill_null(value=False) & pl.col("kind").is_null()
    return joined.select("cell", "clean", "kind", unknown=unknown)


def _note_unknown_choices(
    rows: pl.DataFrame, column: Column | ExtraColumn, findings: Findings
) -> None:
    near = {text: nearest_choice(text, column) for text in rows["cell"].unique().head(1000)}
    suggested = rows.with_columns(near=pl.col("cell").replace_strict(near, default=None))
    code = "unknown_role" if column.id == "role" else "unknown_choice"
    for (choice,), group in suggested.group_by("near", maintain_order=True):
        hint = f"Did you mean “{choice}”? " if choice else ""
        findings.add_rows(
            code,
            group["row"],
            fault="the cell is not one of the choices for this column",
            remedy=f"{hint}Choose from the list in the template",
            blocks=True,
            column=column.id,
        )


def _note_cells(cells: pl.DataFrame, column: str, code: str, what: str, findings: Findings) -> None:
    """Note cells of the wrong kind, those that look personal as such."""
    table = _look_up(cells, "text")
    _clean_personal(cells, table, column, findings)
    plain = cells.join(table.drop_nulls("kind"), on="cell", how="anti", maintain_order="left")
    remedies = {
        "not_a_number": "Type a plain number such as 12 or 7.5, or leave the cell empty",
        "not_a_date": "Type a date such as 31/01/2020, or leave the cell empty",
        "not_yes_or_no": "Choose Yes or No, or leave the cell empty",
    }
    findings.add_rows(
        code,
        plain["row"],
        fault=f"the cell is not {what}",
        remedy=remedies[code],
        blocks=True,
        column=column,
    )


def _strip(cells: pl.DataFrame) -> pl.Series:
    text = cells["cell"].str.strip_chars()
    empty = text.str.to_lowercase().is_in(_EMPTY)
    return text.to_frame("t").select(pl.when(~empty).then("t"))["t"]


def _clean_number(
    cells: pl.DataFrame, column: str, dtype: pl.DataType, findings: Findings
) -> pl.Series:
    series = cells["cell"]
    if series.dtype == pl.String:
        values = series.cast(pl.Float64, strict=False)
        if values.null_count() != series.null_count():
            series = _strip(cells)
            values = series.cast(pl.Float64, strict=False)
    else:
        values = series
    good = values.is_finite() | values.is_null()
    if values.null_count() != series.null_count() or not good.all():
        bad = (series.is_not_null() & values.is_null()) | ~good
        faulty = cells.filter(bad).with_columns(pl.col("cell").cast(pl.String))
        _note_cells(faulty, column, "not_a_number", "a number", findings)
        values = values.to_frame("v").select(pl.when(good).then("v"))["v"]
    if dtype == pl.Int64():
        return _clean_count(cells["row"], values, column, findings)
    return values


def _clean_count(rows: pl.Series, values: pl.Series, column: str, findings: Findings) -> pl.Series:
    whole = values.cast(pl.Int64, strict=False)
    broken = (whole.cast(pl.Float64) != values) | (whole.is_null() & values.is_not_null())
    broken = broken.fill_null(value=False)
    if not broken.any():
        return whole
    findings.add_rows(
        "not_whole_number",
        rows.filter(broken),
        fault="the cell is not a whole number",
        remedy="Count separate episodes: 0, 1, 2 and so on",
        blocks=True,
        column=column,
    )
    return whole.to_frame("v").select(pl.when(~broken).then("v"))["v"]


def _clean_date(cells: pl.DataFrame, column: str, findings: Findings) -> pl.Series:
    texts = cells["cell"].drop_nulls().unique(maintain_order=True)
    stripped = texts.to_frame("cell").pipe(_strip)
    number = stripped.cast(pl.Float64, strict=False)
    serial = number.is_between(*_EXCEL_DAYS).fill_null(value=False)
    written = pl.Series([text and parse_date(text) for text in stripped], dtype=pl.Date)
    days = pl.DataFrame({"cell": texts, "text": stripped, "number": number}).with_columns(
        day=pl.when(serial)
        .then(_EXCEL_EPOCH + pl.duration(days=pl.col("number").floor().cast(pl.Int64)))
        .otherwise(written)
    )
    bad = days.filter(pl.col("text").is_not_null() & pl.col("day").is_null()).select("cell")
    if bad.height:
        rows = cells.join(bad, on="cell", how="semi", maintain_order="left")
        _note_cells(rows, column, "not_a_date", "a date", findings)
    return _replace(cells["cell"], days["cell"], days["day"])


def _clean_yes_no(cells: pl.DataFrame, column: str, findings: Findings) -> pl.Series:
    texts = cells["cell"].drop_nulls().unique(maintain_order=True)
    stripped = texts.to_frame("cell").pipe(_strip)
    answers = [_ANSWERS.get((text or "").lower()) for text in stripped]
    table = pl.DataFrame(
        {"cell": texts, "text": stripped, "answer": pl.Series(answers, dtype=pl.Boolean)}
    )
    bad = table.filter(pl.col("text").is_not_null() & pl.col("answer").is_null()).select("cell")
    if bad.height:
        rows = cells.join(bad, on="cell", how="semi", maintain_order="left")
        _note_cells(rows, column, "not_yes_or_no", "yes or no", findings)
    return _replace(cells["cell"], table["cell"], table["answer"])
