"""A return read and fully checked, beside the obvious ways of doing it.

100,000 rows of .xlsx: reading and every check, against walking the same sheet with openpyxl (read
only, values only), which checks nothing. 1,400,000 rows of .csv: the same against a bare
``polars.read_csv`` and against the same checks written in pandas. Every run is a process of its
own, the rivals take turns, and imports are not timed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from lighttouch.core.protocol.trial import Trial

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that the file also runs by itself

from benchmarks.measuring import Line, describe_times, median_ratio

RUNS = 5
MOST_MIB = 1024
XLSX_ROWS = 100_000
CSV_ROWS = 1_400_000
WORKING_DAYS = 253
PLAIN = r"^[A-Za-z]{0,3}[-_/.]?[0-9]{1,9}$"


def example_trial() -> Trial:
    from lighttouch.core.protocol.trial import Trial

    derive = {"from": "return", "measure": "illness_days"}
    return Trial.model_validate({
        "version": 1, "id": "speed", "title": "Speed", "summary": "Speed",
        "population": {"description": "Staff", "setting": "A council", "partners": [
            {"id": "council", "name": "Council", "launch": date(2019, 10, 1)}]},
        "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B", "reference": True}],
        "allocation": {"unit": "team"},
        "waves": [{"id": "baseline", "label": "Baseline", "return": {
            "starts": "-12 months", "ends": "0 days", "due": "-2 weeks"}}],
        "outcomes": [{"id": "o", "label": "O", "role": "primary", "wave": "baseline",
                      "derive": derive, "unit": "days"}],
        "retention": {"delete_after": "12 months", "key_holder": "Council"},
    })  # fmt: skip


def make_rows(rows: int) -> pl.DataFrame:
    """Return a good return of this many people, in the template's headings."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(20190503)
    people = np.arange(rows)
    illness = np.minimum(rng.poisson(4, rows), 30).astype(float)
    week = rng.choice([5.0, 4.0, 2.5], rows)
    left = ["31/05/2019" if draw < 0.03 else None for draw in rng.random(rows)]
    return pl.DataFrame({
        "Staff ID": [f"S{i:07d}" for i in people],
        "Team ID": [f"T{i // 6:06d}" for i in people],
        "Building ID": [f"B{i // 60:05d}" for i in people],
        "Role": rng.choice(["Social worker", "Senior practitioner", "Manager", "Other"], rows),
        "Gender": rng.choice(["Female", "Male"], rows),
        "Length of employment (months)": rng.integers(0, 400, rows),
        "Contract": rng.choice(["Permanent", "Agency"], rows),
        "Contracted days per week": week,
        "All absence, incl. holiday (days)": illness + rng.integers(15, 40, rows),
        "Illness absence (days)": illness,
        "Illness absence (spells)": np.minimum(illness, 3).astype(int),
        "Date left (if left)": left,
    })  # fmt: skip


def make_file(path: Path) -> None:
    """Write the rows that the kind of file calls for."""
    if path.suffix == ".xlsx":
        make_rows(XLSX_ROWS).write_excel(path, worksheet="Return")
    else:
        make_rows(CSV_ROWS).write_csv(path)


def check_with_lighttouch(path: Path) -> int:
    from lighttouch.core.returns.checking import check_return
    from lighttouch.core.returns.reading import read_return

    trial = example_trial()
    raw = read_return(path, trial, "baseline")
    checked = check_return(raw, trial=trial, partner_id="council", wave_id="baseline")
    if checked.blocked:
        raise SystemExit(f"the generated return should be good: {checked.findings[0]}")
    return checked.frame.height


def read_with_polars(path: Path) -> int:
    import polars as pl

    return pl.read_csv(path).height


def walk_with_openpyxl(path: Path) -> int:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1


def check_with_pandas(path: Path) -> int:
    """Read and check with pandas: the same headings, values, patterns, rules and outcome."""
    import pandas as pd

    names = ["staff_id", "team", "building", "role", "gender", "tenure_months", "contract",
             "days_per_week", "absence_days", "illness_days", "illness_spells",
             "leaving_date"]  # fmt: skip
    text = ["staff_id", "team", "building", "role", "gender", "contract", "leaving_date"]
    frame = pd.read_csv(path, header=0, names=names, dtype=dict.fromkeys(text, str))
    faults = 0
    for column in ("staff_id", "team", "building"):
        cells = frame[column].str.strip()
        odd = cells[~cells.str.match(PLAIN, na=False) & cells.notna()].unique()
        faults += sum("@" in cell or " " in cell for cell in odd)
        frame[column] = cells
    for column in ("role", "gender", "contract"):
        cells = frame[column].str.strip().str.lower().str.replace(" ", "_")
        faults += int((~cells.dropna().isin(_CHOICES)).sum())
        frame[column] = cells
    left = pd.to_datetime(frame["leaving_date"], format="%d/%m/%Y", errors="coerce")
    faults += int((left.isna() & frame["leaving_date"].notna()).sum())
    frame["leaving_date"] = left
    faults += int(frame["staff_id"].isna().sum() + frame["staff_id"].duplicated().sum())
    faults += sum(int(rule.sum()) for rule in _pandas_rules(frame))
    gaps = frame.isna().sum()
    if faults or gaps["staff_id"] or frame["absence_days"].median() > 0.75 * WORKING_DAYS:
        raise SystemExit("the generated return should be good")
    return len(frame)


_CHOICES = {"social_worker", "senior_practitioner", "manager", "other", "female", "male",
            "permanent", "agency"}  # fmt: skip


def _pandas_rules(frame: pd.DataFrame) -> list[pd.Series]:
    import pandas as pd

    absence, illness, spells = (
        frame["absence_days"], frame["illness_days"], frame["illness_spells"])  # fmt: skip
    week, tenure, left = frame["days_per_week"], frame["tenure_months"], frame["leaving_date"]
    start = pd.Timestamp(2018, 10, 1)
    numbers = (tenure, week, absence, illness, spells)
    return [
        *(column < 0 for column in numbers),
        spells % 1 != 0,
        absence > WORKING_DAYS,
        illness > WORKING_DAYS,
        (week < 5) & (absence > WORKING_DAYS * week / 5 + 1),
        illness > absence,
        (spells > 0) & (illness == 0),
        (spells == 0) & (illness > 0),
        (illness > 0) & (spells > illness * 2),
        tenure > 720,
        (week == 0) | (week > 7),
        left < pd.Timestamp(1950, 1, 1),
        (left < start) & ((absence > 0) | (illness > 0)),
    ]


JOBS: dict[str, Callable[[Path], int]] = {
    "lighttouch": check_with_lighttouch,
    "polars": read_with_polars,
    "openpyxl": walk_with_openpyxl,
    "pandas": check_with_pandas,
}
IMPORTS = {
    "lighttouch": "lighttouch.core.returns.checking",
    "polars": "polars",
    "openpyxl": "openpyxl",
    "pandas": "pandas",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What one process said of itself."""

    seconds: float
    peak_mib: float
    rows: int


def run_job(job: str, path: Path) -> None:
    """Run one rival in this process and print its seconds and peak memory (imports untimed)."""
    import importlib

    importlib.import_module(IMPORTS[job])
    if job == "lighttouch":
        importlib.import_module("lighttouch.core.returns.reading")
    start = time.perf_counter()
    rows = JOBS[job](path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "rows": rows}))


def run_in_turn(path: Path, jobs: list[str], runs: int) -> dict[str, list[Run]]:
    """Run every job in turn, each in a process of its own, ``runs`` times over."""
    taken: dict[str, list[Run]] = {job: [] for job in jobs}
    for _ in range(runs):
        for job in jobs:
            command = [sys.executable, __file__, "--job", job, "--path", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            taken[job].append(Run(**json.loads(done.stdout.splitlines()[-1])))
    return taken


def _line(
    what: str, taken: dict[str, list[Run]], over: str, under: str, bar: float, *, most: bool
) -> Line:
    """Compare by the median of the ratios run by run."""
    seconds = {job: [run.seconds for run in runs] for job, runs in taken.items()}
    ratio = median_ratio(seconds[over], seconds[under])
    peer = over if under == "lighttouch" else under
    return Line(
        what,
        describe_times(seconds["lighttouch"]),
        f"{_TITLES[peer]}: {describe_times(seconds[peer])}",
        f"{ratio:.1f}×",
        f"at {'most' if most else 'least'} {bar:g}×",
        ratio <= bar if most else ratio >= bar,
    )


_TITLES = {
    "openpyxl": "walking the sheet with openpyxl",
    "polars": "bare polars read",
    "pandas": "the same checks in pandas",
}


def _memory_line(taken: dict[str, list[Run]]) -> Line:
    ours, pandas = (max(run.peak_mib for run in taken[job]) for job in ("lighttouch", "pandas"))
    return Line(
        "1,400,000-row .csv return, peak memory of the process",
        f"{ours:.0f} MiB",
        f"{_TITLES['pandas']}: {pandas:.0f} MiB",
        f"{ours / pandas:.2f}×",
        f"under {MOST_MIB} MiB",
        ours < MOST_MIB,
    )


def measure(runs: int = RUNS) -> list[Line]:
    """Time both kinds of file against their rivals."""
    with tempfile.TemporaryDirectory() as folder:
        xlsx, csv = Path(folder) / "return.xlsx", Path(folder) / "return.csv"
        for path in (xlsx, csv):  # in processes of their own: children inherit our peak memory
            subprocess.run([sys.executable, __file__, "--make", "--path", str(path)], check=True)
        sheets = run_in_turn(xlsx, ["lighttouch", "openpyxl"], runs)
        texts = run_in_turn(csv, ["lighttouch", "polars", "pandas"], runs)
    sheet, text = "100,000-row .xlsx return", "1,400,000-row .csv return"
    done = "read and every check"
    return [
        _line(f"{sheet}, {done}", sheets, "openpyxl", "lighttouch", 6, most=False),
        _line(f"{text}, {done}", texts, "lighttouch", "polars", 3, most=True),
        _line(f"{text}, {done}", texts, "pandas", "lighttouch", 4, most=False),
        _memory_line(texts),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Read and check returns beside the usual ways.")
    parser.add_argument("--job", choices=JOBS)
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--path", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--out", type=Path, help="write the lines there as JSON")
    asked = parser.parse_args()
    if asked.make:
        make_file(asked.path)
        return
    if asked.job:
        run_job(asked.job, asked.path)
        return
    lines = measure(asked.runs)
    for line in lines:
        print(" | ".join((line.what, line.ours, line.peer, line.ratio, line.bar, str(line.met))))
    if asked.out:
        asked.out.write_text(json.dumps([asdict(line) for line in lines], indent=2) + "\n")
    sys.exit(0 if all(line.met for line in lines) else 1)


if __name__ == "__main__":
    main()
