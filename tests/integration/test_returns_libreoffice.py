"""The template opens and saves unharmed in the real LibreOffice."""

import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.findings import CheckedReturn
from lighttouch.core.returns.reading import read_return
from lighttouch.core.returns.template import write_template

TRIAL = Trial.model_validate({
    "version": 1, "id": "t", "title": "A trial", "summary": "T",
    "population": {
        "description": "Staff", "setting": "Councils",
        "partners": [{"id": "p", "name": "Northtown Council", "launch": date(2019, 10, 1)}],
        "extra_columns": [
            {"id": "trained", "heading": "Trained", "kind": "yes_no"},
            {"id": "grade", "heading": "Grade", "kind": "choice", "choices": ["G1", "G2"]},
        ],
    },
    "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B", "reference": True}],
    "allocation": {"unit": "team"},
    "waves": [{"id": "baseline", "label": "Baseline", "return": {
        "starts": "-12 months", "ends": "0 days", "due": "-2 weeks"}}],
    "outcomes": [{"id": "o", "label": "O", "role": "primary", "wave": "baseline", "unit": "days",
                  "derive": {"from": "return", "measure": "illness_days"}}],
    "retention": {"delete_after": "12 months", "key_holder": "P"},
})  # fmt: skip
HEADING_ROW = 15
ROW = ("0042", "T1", "B1", "Social worker", "Female", 30.5, "Agency", 2.5, 20, 3.5, 2,
       datetime(2019, 5, 3), "Yes", "G2")  # noqa: DTZ001  # fmt: skip

# As its save dialogue proposes: commas, quotation marks, UTF-8, cells as shown.
FILTERS = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"}


def convert(source: Path, kind: str, folder: Path) -> Path:
    """Open a file in LibreOffice and save it as another kind.

    Without a window LibreOffice keeps no view settings, so frozen panes are not looked for.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice (soffice) is not installed; `make test` installs it"
    profile = (folder / "profile").as_uri()
    out = folder / f"as-{kind}"
    command = [
        office,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--norestore",
        "--convert-to",
        FILTERS.get(kind, kind),
        "--outdir",
        str(out),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    saved = out / f"{source.stem}.{kind}"
    assert saved.is_file(), done.stdout + done.stderr
    return saved


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Path:
    """Return a template with one person filled in."""
    path = folder / "filled.xlsx"
    write_template(TRIAL, partner_id="p", wave_id="baseline", path=path)
    book = openpyxl.load_workbook(path)
    page = book["Return"]
    page["B10"] = datetime(2019, 9, 17)  # noqa: DTZ001
    for position, value in enumerate(ROW, start=1):
        page.cell(HEADING_ROW + 1, position, value)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def resaved(filled: Path, folder: Path) -> Path:
    return convert(filled, "xlsx", folder)


def check(path: Path) -> CheckedReturn:
    raw = read_return(path, TRIAL, "baseline")
    assert raw.declared.partner == "Northtown Council"
    assert raw.declared.retrieved == date(2019, 9, 17)
    assert (raw.declared.first_day, raw.declared.last_day) == (date(2018, 10, 1), date(2019, 9, 30))
    return check_return(raw, trial=TRIAL, partner_id="p", wave_id="baseline")


@pytest.mark.parametrize("kind", ["ods", "csv"])
def test_template_saved_as_another_kind_reads_the_same(
    filled: Path, folder: Path, kind: str
) -> None:
    direct = check(filled)
    saved = check(convert(filled, kind, folder))
    assert direct.findings == ()
    assert saved.findings == ()
    assert saved.frame.equals(direct.frame)
    assert saved.frame["staff_id"].to_list() == ["0042"]
    assert saved.frame["leaving_date"].to_list() == [date(2019, 5, 3)]


def test_template_saved_as_xlsx_reads_the_same(filled: Path, resaved: Path) -> None:
    saved = check(resaved)
    assert saved.findings == ()
    assert saved.frame.equals(check(filled).frame)


def sheet(path: Path) -> Worksheet:
    return openpyxl.load_workbook(path)["Return"]


def test_locks_survive(resaved: Path) -> None:
    page = sheet(resaved)
    assert page.protection.sheet
    assert page.cell(HEADING_ROW, 3).protection.locked
    for row in (HEADING_ROW + 1, HEADING_ROW + 150, HEADING_ROW + 200):
        assert not page.cell(row, 3).protection.locked
    assert openpyxl.load_workbook(resaved)["Lists"].sheet_state == "hidden"


def test_lists_messages_and_limits_survive(filled: Path, resaved: Path) -> None:
    def rules(path: Path) -> dict[str, tuple[object, ...]]:
        found = sheet(path).data_validations.dataValidation
        # The column is what matters; LibreOffice may write a range in several pieces.
        return {
            str(rule.sqref).rstrip("0123456789").split(":")[0].rstrip("0123456789"):
            (rule.type, rule.promptTitle, rule.prompt, rule.error)
            for rule in found if str(rule.sqref) != "B10"
        }  # fmt: skip

    assert rules(resaved) == rules(filled)
    assert len(rules(filled)) == len(ROW)
    lists = [r for r in sheet(resaved).data_validations.dataValidation if r.type == "list"]
    assert all("Lists" in rule.formula1 for rule in lists)
    assert len(lists) == 5


def test_text_dates_and_widths_survive(filled: Path, resaved: Path) -> None:
    before, after = sheet(filled), sheet(resaved)
    for row in range(1, HEADING_ROW + 2):
        for position in range(1, len(ROW) + 1):
            assert after.cell(row, position).value == before.cell(row, position).value
    assert after.cell(HEADING_ROW + 1, 12).number_format.replace("\\", "") == "d mmm yyyy"
    assert after.column_dimensions["A"].width == pytest.approx(
        before.column_dimensions["A"].width, abs=1.0
    )
