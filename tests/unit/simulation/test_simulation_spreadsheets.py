"""Untidy spreadsheets that say what they should."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation_cases import simulated

from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.columns import Column
from lighttouch.core.returns.headings import columns_of
from lighttouch.core.returns.reading import read_return
from lighttouch.core.simulation.profile import Format
from lighttouch.core.simulation.records import build_record
from lighttouch.core.simulation.spreadsheets import (
    FORMATS,
    Heading,
    lay_out_sheet,
    write_sheet,
)

HEADING = Heading("Dudley", date(2019, 9, 16))
HABITS = range(6)
"""Councils whose habits differ: between them they do everything a council may do here."""


def _record() -> tuple[pl.DataFrame, list[Column | ExtraColumn]]:
    case = simulated("letters")
    wave = case.trial.wave("baseline")
    record = build_record(
        case.trial, case.profile, case.trial.partner("dudley"), wave, case.people, case.untreated
    )
    return record, list(columns_of(case.trial, "baseline"))


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("file_format", FORMATS)
def test_spreadsheet_reads_back_as_the_record_it_was_made_from(
    file_format: Format, habit: int, tmp_path: Path
) -> None:
    record, columns = _record()
    rows = lay_out_sheet(record, columns, HEADING, np.random.default_rng(habit))
    path = write_sheet(rows, tmp_path / "baseline", file_format)
    trial = simulated("letters").trial
    checked = check_return(
        read_return(path, trial, "baseline"), trial=trial, partner_id="dudley", wave_id="baseline"
    )
    assert not checked.blocked
    expected = record.select(checked.frame.columns)
    assert checked.frame.cast(dict(expected.schema)).equals(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("file_format", FORMATS)
def test_spreadsheet_has_the_same_bytes_every_time(file_format: Format, tmp_path: Path) -> None:
    record, columns = _record()
    rows = lay_out_sheet(record, columns, HEADING, np.random.default_rng(1))
    first = write_sheet(rows, tmp_path / "a", file_format)
    second = write_sheet(rows, tmp_path / "b", file_format)
    assert first.read_bytes() == second.read_bytes()
    assert first.suffix == "." + file_format[:4].rstrip("_")


def test_spreadsheets_are_untidy_in_every_way_between_them() -> None:
    record, columns = _record()
    sheets = [
        lay_out_sheet(record, columns, HEADING, np.random.default_rng(habit)) for habit in range(40)
    ]
    heads = [next(row for row in sheet if len(row) > 5) for sheet in sheets]
    assert len({str(head) for head in heads}) > 30
    assert any("Notes" in head for head in heads)
    assert any(head[0] not in ("Staff ID", "Unique Staff ID") for head in heads)
    assert any("Y" in map(str, row) for sheet in sheets for row in sheet)
    assert any("Yes" in map(str, row) for sheet in sheets for row in sheet)
    blanks = [sum(all(cell is None for cell in row) and len(row) > 5 for row in s) for s in sheets]
    assert set(blanks) == {0, 1, 2, 3}


_CELLS = st.one_of(
    st.none(),
    st.integers(-5, 10_000),
    st.floats(0, 1000).map(lambda x: round(x, 1)),
    st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=12),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)


@settings(max_examples=25)
@given(st.lists(st.lists(_CELLS, max_size=5), max_size=5), st.sampled_from(FORMATS))
def test_spreadsheet_of_any_cells_can_be_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]], file_format: Format
) -> None:
    path = tmp_path_factory.mktemp("any") / "sheet"
    assert write_sheet(rows, path, file_format).stat().st_size >= 0  # type: ignore[arg-type]
