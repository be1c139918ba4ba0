"""The blank return: what it asks, what is locked, and that it never changes by itself."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from returns_support import TRIAL, check, codes, people, trial_values, write_csv

from lighttouch.core.errors import InputError, ProtocolError, ReturnError
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.reading import read_return
from lighttouch.core.returns.template import rules_in_words, write_template

HEADING_ROW = 15


def make(folder: Path, wave: str = "baseline", trial: Trial = TRIAL) -> Path:
    path = folder / "new" / f"{wave}.xlsx"
    write_template(trial, partner_id="northtown", wave_id=wave, path=path)
    return path


def sheet(path: Path) -> Worksheet:
    return openpyxl.load_workbook(path)["Return"]


def headings(page: Worksheet) -> list[str]:
    return [cell.value for cell in page[HEADING_ROW] if cell.value]


def fill(path: Path, columns: dict[str, list[object]]) -> Path:
    """Fill in the template as an officer would, keeping everything else."""
    book = openpyxl.load_workbook(path)
    page = book["Return"]
    page["B10"] = datetime(2019, 10, 2)  # noqa: DTZ001
    for position, values in enumerate(columns.values(), start=1):
        for row, value in enumerate(values, start=HEADING_ROW + 1):
            page.cell(row, position, value)
    book.save(path)
    return path


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert make(tmp_path / "a").read_bytes() == make(tmp_path / "b").read_bytes()


def test_every_column_of_the_wave_is_asked_for(tmp_path: Path) -> None:
    asked = headings(sheet(make(tmp_path)))
    extra = ["Manager trained", "Open cases", "Pay grade", "Remark"]
    assert asked == [*[c.heading for c in STANDARD], *extra]
    assert headings(sheet(make(tmp_path, "endline")))[len(STANDARD) :] == ["Manager trained"]


def test_dates_and_names_are_filled_in(tmp_path: Path) -> None:
    page = sheet(make(tmp_path))
    text = " ".join(str(c.value) for row in page.iter_rows(max_row=HEADING_ROW) for c in row)
    assert "1 October 2018 to 30 September 2019" in text
    assert "Tuesday 17 September 2019" in text
    assert page["A9"].value == "Local Authority:"
    assert page["B9"].value == "Northtown Council"
    assert page["A10"].value == "Date data retrieved:"
    assert page["B10"].value is None


def test_headings_are_locked_without_a_password_and_cells_are_open(tmp_path: Path) -> None:
    page = sheet(make(tmp_path))
    assert page.protection.sheet
    assert page.protection.password is None
    assert page.cell(HEADING_ROW, 1).protection.locked
    assert page["A1"].protection.locked
    assert not page["B9"].protection.locked
    assert not page["B10"].protection.locked
    assert not page.cell(HEADING_ROW + 1, 1).protection.locked
    # Below the ruled rows the column's own format keeps cells open.
    assert not page.column_dimensions["A"].protection.locked
    assert not page.protection.insertRows  # False means allowed


def test_choices_have_lists_and_other_cells_have_rules_and_messages(tmp_path: Path) -> None:
    path = make(tmp_path)
    page = sheet(path)
    rules = {str(v.sqref).split(":")[0]: v for v in page.data_validations.dataValidation}
    first = HEADING_ROW + 1
    assert rules[f"D{first}"].type == "list"
    assert rules[f"K{first}"].type == "whole"
    assert rules[f"L{first}"].type == "date"
    assert rules[f"H{first}"].formula2 == "7"
    assert rules[f"A{first}"].promptTitle == "Staff ID"
    assert all(rule.error for rule in rules.values())
    lists = openpyxl.load_workbook(path)["Lists"]
    assert lists.sheet_state == "hidden"
    assert lists["A2"].value == "Social worker"
    assert [c.value for c in lists["D"]] == [
        "Manager trained",
        "Yes",
        "No",
        None,
        None,
        None,
        None,
        None,
    ]


def test_panes_are_frozen_below_the_headings(tmp_path: Path) -> None:
    assert sheet(make(tmp_path)).freeze_panes == f"B{HEADING_ROW + 1}"


def test_headings_stand_where_the_reader_looks(tmp_path: Path) -> None:
    raw = read_return(make(tmp_path), TRIAL, "baseline")
    assert raw.declared.partner == "Northtown Council"
    assert raw.declared.wave == "Baseline"
    assert (raw.declared.first_day, raw.declared.last_day) == (date(2018, 10, 1), date(2019, 9, 30))
    assert raw.findings == ()


def test_filled_in_template_is_a_return_without_findings(tmp_path: Path) -> None:
    columns = people() | {
        "role": ["Newly qualified social worker"] * 12,
        "gender": ["Not stated"] * 12,
        "contract": ["Fixed term"] * 12,
        "leaving_date": [None, datetime(2019, 5, 3), *[None] * 10],  # noqa: DTZ001
        "manager_trained": ["Yes"] * 12,
        "caseload": [3.5] * 12,
        "grade": ["G2"] * 12,
        "remark": ["fine"] * 12,
    }
    path = fill(make(tmp_path), columns)
    raw = read_return(path, TRIAL, "baseline")
    checked = check_return(raw, trial=TRIAL, partner_id="northtown", wave_id="baseline")
    assert checked.findings == ()
    assert checked.frame["role"].unique().to_list() == ["newly_qualified"]
    assert checked.frame["leaving_date"][1] == date(2019, 5, 3)
    assert checked.frame["contract"][0] == "fixed_term"


def test_template_of_another_wave_is_noticed(tmp_path: Path) -> None:
    path = fill(make(tmp_path, "endline"), people())
    raw = read_return(path, TRIAL, "baseline")
    checked = check_return(raw, trial=TRIAL, partner_id="northtown", wave_id="baseline")
    assert "wrong_wave" in codes(checked)


def test_roles_of_the_trial_replace_the_usual_list_but_keep_other(tmp_path: Path) -> None:
    values = trial_values()
    values["population"]["roles"] = ["social_worker", "duty_officer"]
    trial = Trial.model_validate(values)
    lists = openpyxl.load_workbook(make(tmp_path, trial=trial))["Lists"]
    assert [c.value for c in lists["A"]][:4] == ["Role", "Social worker", "Duty officer", "Other"]
    roles = ["duty officer", "manager", *["other"] * 10]
    checked = check(tmp_path, people(role=roles), trial=trial)
    assert checked.frame["role"].to_list() == ["duty_officer", "manager", *["other"] * 10]
    values["population"]["roles"] = ["other"]
    path = make(tmp_path / "later", trial=Trial.model_validate(values))
    lists = openpyxl.load_workbook(path)["Lists"]
    assert [c.value for c in lists["A"]][:3] == ["Role", "Other", None]


def test_guide_says_what_each_column_is_for(tmp_path: Path) -> None:
    guide = openpyxl.load_workbook(make(tmp_path))["Guide"]
    rows = {row[0].value: [c.value for c in row[1:]] for row in guide.iter_rows(min_row=5)}
    assert rows["Staff ID"][2] == "Always"
    assert rows["Contract"][1:] == ["Permanent; Fixed term; Agency", "Please"]
    assert rows["Gender"][2] == "If you have it"
    assert "253 working days" in guide["A2"].value


def test_rules_are_said_in_words() -> None:
    words = " ".join(rules_in_words("Northtown", date(2019, 5, 3)))
    for rule in ("Friday 3 May 2019", "Never put a name", "never send it", "same code", "own code"):
        assert rule in words


@pytest.mark.parametrize("partner", ["easttown", "atlantis"])
def test_template_needs_a_known_partner_with_a_launch(tmp_path: Path, partner: str) -> None:
    with pytest.raises(ReturnError):
        write_template(TRIAL, partner_id=partner, wave_id="baseline", path=tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = make(tmp_path)
    path.write_bytes(b"filled in by an officer")
    with pytest.raises(ProtocolError, match="never overwritten"):
        make(tmp_path)
    assert path.read_bytes() == b"filled in by an officer"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_workbook_is_not_written_under_another_ending(tmp_path: Path) -> None:
    path = tmp_path / "blank.ods"
    with pytest.raises(InputError, match=r"end in \.xlsx"):
        write_template(TRIAL, partner_id="northtown", wave_id="baseline", path=path)
    assert not path.exists()


def test_column_that_leaves_people_out_is_asked_for(tmp_path: Path) -> None:
    values = trial_values()
    values["population"]["exclusions"] = [
        {
            "id": "untrained",
            "reason": "No trained manager",
            "when": {"column": "manager_trained", "equals": False},
        }
    ]
    trial = Trial.model_validate(values)
    guide = openpyxl.load_workbook(make(tmp_path, trial=trial))["Guide"]
    needed = {row[0].value: row[3].value for row in guide.iter_rows(min_row=5)}
    assert needed["Manager trained"] == "Please"
    assert needed["Building ID"] == "If you have it"
    path = write_csv(tmp_path / "a.csv", people())
    raw = read_return(path, trial, "baseline")
    checked = check_return(raw, trial=trial, partner_id="northtown", wave_id="baseline")
    absent = [one for one in checked.findings if one.code == "missing_column"]
    assert [(one.blocks, "allocation" in one.fault) for one in absent] == [(True, True)]
