"""Returns hold their promises for any return and any file."""

import io
import string
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.errors import LighttouchError
from lighttouch.core.protocol.measures import FromReturn
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.canonical import read_canonical, write_canonical
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.choices import choice_label
from lighttouch.core.returns.cleaning import DTYPES
from lighttouch.core.returns.columns import CONTRACTS, GENDERS, ROLES, STANDARD
from lighttouch.core.returns.comparing import compare_waves
from lighttouch.core.returns.deriving import derive_measure
from lighttouch.core.returns.findings import CheckedReturn
from lighttouch.core.returns.periods import Period, count_working_days
from lighttouch.core.returns.reading import read_return

TRIAL = Trial.model_validate({
    "version": 1, "id": "t", "title": "T", "summary": "T",
    "population": {"description": "Staff", "setting": "Councils", "partners": [
        {"id": "p", "name": "P", "launch": date(2019, 10, 1)}]},
    "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B", "reference": True}],
    "allocation": {"unit": "participant"},
    "waves": [{"id": "baseline", "label": "Baseline", "return": {
        "starts": "-12 months", "ends": "0 days", "due": "-2 weeks"}}],
    "outcomes": [{"id": "o", "label": "O", "role": "primary", "wave": "baseline", "unit": "days",
                  "derive": {"from": "return", "measure": "illness_days"}}],
    "retention": {"delete_after": "12 months", "key_holder": "P"},
})  # fmt: skip
SCHEMA = {c.id: DTYPES[c.kind] for c in STANDARD}
HEADINGS = {
    "staff_id": ("Staff ID", "Unique Staff ID", "STAFF_ID", "staff  id", "Unique\nstaff ID"),
    "team": ("Team ID", "team", "TEAM-ID"),
    "building": ("Building ID", "Site", "building"),
    "role": ("Role", "ROLE ", "Job role"),
    "gender": ("Gender", "Sex"),
    "tenure_months": ("Length of employment (months)", "Length of employment at LA (months)"),
    "contract": ("Contract", "Contract type"),
    "days_per_week": ("Contracted days per week", "Days per week"),
    "absence_days": ("All absence, incl. holiday (days)",
                     "Overall absence, incl. holiday (no. of days)"),
    "illness_days": ("Illness absence (days)", "Illness related absence (no. of days)"),
    "illness_spells": ("Illness absence (spells)", "Number of illness related spells of absence"),
    "leaving_date": ("Date left (if left)", "Leaving date"),
}  # fmt: skip

halves = st.integers(0, 60).map(lambda n: n / 2)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


@st.composite
def frames(draw: st.DrawFn, least: int = 1) -> pl.DataFrame:
    """Draw the frame of a return that breaks no rule."""
    rows = []
    for number in range(draw(st.integers(least, 8))):
        illness = draw(halves)
        rows.append({
            "staff_id": f"{draw(st.sampled_from(['S', 'LA-', '']))}{number:04d}",
            "team": f"T{draw(st.integers(1, 5))}",
            "building": draw(maybe(st.sampled_from(["B1", "North House", "Oak Lodge 2"]))),
            "role": draw(maybe(st.sampled_from(ROLES))),
            "gender": draw(maybe(st.sampled_from(GENDERS))),
            "tenure_months": draw(maybe(st.integers(0, 700).map(float))),
            "contract": draw(maybe(st.sampled_from(CONTRACTS))),
            "days_per_week": draw(maybe(st.sampled_from([5.0, 4.0, 2.5]))),
            "absence_days": illness + draw(halves),
            "illness_days": illness,
            "illness_spells": None if illness else 0,
            "leaving_date": draw(maybe(st.dates(date(2018, 10, 1), date(2019, 9, 30)))),
        })  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA)


def show(value: object, spell: st.DataObject) -> object:
    """Write a value as an officer might."""
    if isinstance(value, date):
        return value.strftime(spell.draw(st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y"])))
    if value is None:
        return spell.draw(st.sampled_from([None, None, "n/a", " "]))
    if isinstance(value, str) and value in (*ROLES, *GENDERS, *CONTRACTS):
        text = spell.draw(
            st.sampled_from([value, choice_label(value), choice_label(value).upper()])
        )
        return spell.draw(st.sampled_from([text, f" {text} "]))
    return value


def spreadsheet(frame: pl.DataFrame, spell: st.DataObject) -> list[list[object]]:
    """Lay a frame out with its columns shuffled, its headings respelled and blank rows between."""
    order = spell.draw(st.permutations(frame.columns))
    rows: list[list[object]] = [["Please note: extract of all staff"], []]
    rows.append([spell.draw(st.sampled_from(HEADINGS[name])) for name in order])
    for row in frame.iter_rows(named=True):
        rows.extend([[]] * spell.draw(st.integers(0, 1)))
        rows.append([show(row[name], spell) for name in order])
    return [*rows, [], ["These figures were taken from the payroll system in October."]]


def read_and_check(path: Path) -> CheckedReturn:
    raw = read_return(path, TRIAL, "baseline")
    return check_return(raw, trial=TRIAL, partner_id="p", wave_id="baseline")


def write(folder: Path, rows: Sequence[Sequence[object]], kind: str) -> Path:
    path = folder / f"return.{kind}"
    if kind == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Data")
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
        return path
    width = max(len(row) for row in rows)
    text = io.StringIO()
    for row in rows:
        cells = [*row, *[None] * (width - len(row))]
        quoted = ('"' + ("" if c is None else str(c)).replace('"', '""') + '"' for c in cells)
        text.write(";".join(quoted) + "\n")
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@settings(max_examples=25, deadline=None)
@given(frame=frames(), spell=st.data(), kind=st.sampled_from(["xlsx", "csv"]))
def test_any_layout_gives_the_same_frame_back(
    frame: pl.DataFrame, spell: st.DataObject, kind: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        checked = read_and_check(write(Path(folder), spreadsheet(frame, spell), kind))
    assert not checked.blocked, checked.findings
    assert checked.frame.equals(frame)


@settings(max_examples=25, deadline=None)
@given(frame=frames())
def test_archive_form_gives_the_same_frame_back(frame: pl.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        write_canonical(frame, path)
        first = path.read_bytes()
        assert read_canonical(path, TRIAL).equals(frame)
        write_canonical(read_canonical(path, TRIAL), path)
        assert path.read_bytes() == first


@settings(max_examples=60, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
        st.text(max_size=300).map(lambda text: ("staff id,team,role\n" + text).encode()),
        st.binary(max_size=200).map(lambda tail: b"staff id;team;absence_days\n" + tail),
    ),
    kind=st.sampled_from(["xlsx", "ods", "csv"]),
)
def test_arbitrary_bytes_raise_nothing_but_our_errors(content: bytes, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"return.{kind}"
        path.write_bytes(content)
        with suppress(LighttouchError):
            read_and_check(path)


def good_workbook() -> bytes:
    text = io.BytesIO()
    with xlsxwriter.Workbook(text) as book:
        sheet = book.add_worksheet("Return")
        sheet.write_row(0, 0, [c.heading for c in STANDARD])
        sheet.write_row(1, 0, ["S1", "T1", "B1", "Manager", "Female", 12, "Agency", 5, 20, 3, 1])
    return text.getvalue()


WORKBOOK = good_workbook()


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, len(WORKBOOK) - 1), byte=st.integers(0, 255))
def test_one_wrong_byte_in_a_workbook_raises_nothing_but_our_errors(
    position: int, byte: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "return.xlsx"
        path.write_bytes(WORKBOOK[:position] + bytes([byte]) + WORKBOOK[position + 1 :])
        with suppress(LighttouchError):
            read_and_check(path)


letters = st.text(string.ascii_lowercase, min_size=4, max_size=9)
names = st.builds(lambda a, b: f"{a.title()} {b.title()}", letters, letters)
emails = st.builds(lambda a, b: f"{a}.{b}@example.org", letters, letters)
phones = st.integers(10**8, 10**9 - 1).map(lambda n: f"07{n}")
numbers = st.builds(
    lambda a, n, z: f"{a}{n}{z}",
    st.sampled_from(["QQ", "AB", "ZX"]),
    st.integers(10**5, 10**6 - 1),
    st.sampled_from("ABCD"),
)


@settings(max_examples=60, deadline=None)
@given(
    personal=st.one_of(names, emails, phones, numbers),
    column=st.sampled_from([*SCHEMA, "Something else"]),
    row=st.integers(0, 4),
)
def test_personal_value_is_in_no_finding_and_in_no_frame(
    personal: str, column: str, row: int
) -> None:
    good = {key: ["1"] * 5 for key in SCHEMA} | {"staff_id": [f"S{i}" for i in range(5)]}
    good |= {"role": ["other"] * 5, "gender": ["male"] * 5, "contract": ["agency"] * 5}
    good |= {"leaving_date": [""] * 5, "Something else": [""] * 5}
    good[column] = [personal if i == row else value for i, value in enumerate(good[column])]
    with tempfile.TemporaryDirectory() as folder:
        rows = [list(good), *[list(cells) for cells in zip(*good.values(), strict=True)]]
        checked = read_and_check(write(Path(folder), rows, "csv"))
    assert personal not in str(checked.findings)
    assert personal not in str(checked.frame.rows())
    if column in ("staff_id", "team", "building") or not personal[0].isalpha():
        assert checked.blocked


@settings(max_examples=40, deadline=None)
@given(frame=frames(), months=st.integers(1, 12))
def test_days_attended_lie_between_nothing_and_the_working_days(
    frame: pl.DataFrame, months: int
) -> None:
    period = Period(date(2019, 1, 1), date(2019, months, 28))
    rule = FromReturn.model_validate({"from": "return", "measure": "days_attended"})
    days = derive_measure(frame, rule, period=period, nation="wales")
    working = count_working_days(period.start, period.end, "wales")
    assert days.is_between(0, working).all()
    less = frame.with_columns(pl.col("absence_days") + 1)
    fewer = derive_measure(less, rule, period=period, nation="wales")
    assert (fewer <= days).all()


people = st.dictionaries(
    st.sampled_from([f"S{number}" for number in range(8)]),
    st.tuples(maybe(st.sampled_from("ABC")), maybe(st.dates(date(2019, 1, 1), date(2019, 12, 31)))),
)
"""Team and leaving date by staff code."""
Staff = dict[str, tuple[str | None, date | None]]


def staff_frame(staff: Staff, order: Sequence[str]) -> pl.DataFrame:
    rows = [(code, *staff[code]) for code in order]
    names = ("staff_id", "team", "leaving_date")
    return pl.DataFrame(rows, {name: SCHEMA[name] for name in names}, orient="row")


@given(before=people, after=people, choose=st.data())
def test_differences_between_waves_follow_people_whatever_the_codes_and_row_order(
    before: Staff, after: Staff, choose: st.DataObject
) -> None:
    plain = compare_waves(staff_frame(before, list(before)), staff_frame(after, list(after)))
    codes = [f"S{number}" for number in range(8)]
    named = dict(zip(codes, choose.draw(st.permutations(codes)), strict=True))
    teams = dict(zip("ABC", choose.draw(st.permutations("ABC")), strict=True))

    def relabel(staff: Staff) -> Staff:
        return {named[c]: (teams.get(team or ""), left) for c, (team, left) in staff.items()}

    frames = [
        staff_frame(staff, choose.draw(st.permutations(sorted(staff))))
        for staff in (relabel(before), relabel(after))
    ]
    other = compare_waves(*frames)
    for one, two in (
        (plain.joined, other.joined),
        (plain.left, other.left),
        (plain.moved_team, other.moved_team),
    ):
        assert two == tuple(sorted(named[code] for code in one))
    assert (other.people_before, other.people_after) == (len(before), len(after))


@given(before=people, after=people)
def test_who_is_at_work_changes_only_by_joining_leaving_and_coming_back(
    before: Staff, after: Staff
) -> None:
    difference = compare_waves(staff_frame(before, list(before)), staff_frame(after, list(after)))
    working = [{c for c, (_, left) in staff.items() if left is None} for staff in (before, after)]
    gone_before = set(before) - working[0]
    assert working[1] - gone_before == (working[0] | set(difference.joined)) - set(difference.left)
