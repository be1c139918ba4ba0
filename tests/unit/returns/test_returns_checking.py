"""Every finding: a return that has the fault, and one that only comes near it."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from returns_support import TRIAL, check, codes, people, trial_values

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.findings import MOST_PER_CODE, CheckedReturn, Finding

ABOVE = "Local Authority:,Northtown\nDate data retrieved:,17/10/2019\n"
COMPLETE: dict[str, list[object]] = {
    "manager_trained": ["Yes", "no"] * 6,
    "caseload": [14] * 12,
    "grade": ["g1"] * 12,
    "remark": ["none"] * 12,
}
NO_PREAMBLE = {"no_partner_name", "no_retrieval_date"}


def only(checked: CheckedReturn, code: str) -> Finding:
    found = [finding for finding in checked.findings if finding.code == code]
    assert len(found) == 1, codes(checked)
    return found[0]


def rows_with(checked: CheckedReturn, code: str) -> list[int | None]:
    return [finding.row for finding in checked.findings if finding.code == code]


def second(value: object, good: object = None, count: int = 12) -> list[object]:
    """Return a column of good cells whose second (row 3 of the file) is ``value``."""
    return [value if i == 1 else good for i in range(count)]


def test_a_good_return_has_no_findings_and_keeps_every_value(tmp_path: Path) -> None:
    checked = check(tmp_path, people() | COMPLETE, above=ABOVE)
    assert checked.findings == ()
    assert not checked.blocked
    first = checked.frame.row(0, named=True)
    assert first == {
        "staff_id": "S000", "team": "T0", "building": "B0", "role": "social_worker",
        "gender": "female", "tenure_months": 12.0, "contract": "permanent", "days_per_week": 5.0,
        "absence_days": 20.0, "illness_days": 0.0, "illness_spells": 0, "leaving_date": None,
        "manager_trained": True, "caseload": 14.0, "grade": "G1", "remark": None,
    }  # fmt: skip
    assert checked.frame.schema["leaving_date"] == pl.Date
    assert checked.frame.schema["illness_spells"] == pl.Int64


def test_extra_columns_are_kept_only_at_their_waves(tmp_path: Path) -> None:
    checked = check(tmp_path, people() | COMPLETE, wave="endline", above=ABOVE)
    assert checked.frame.columns[-1] == "manager_trained"
    assert len([f for f in checked.findings if f.code == "unknown_column"]) == 3


CELL_FAULTS: list[tuple[str, str, object, object]] = [
    # code, column, a cell that has the fault, one that only comes near it
    ("missing_id", "staff_id", None, "S001"),
    ("looks_like_name", "staff_id", "Grace Hopper", "GH0042"),
    ("looks_like_name", "staff_id", "jane.smith", "js.42"),
    ("looks_like_name", "team", "Sarah's team", "St Mary's House"),
    ("looks_like_name", "remark", "ask Sarah Jones", "ask the manager"),
    ("looks_like_email", "staff_id", "someone@example.org", "S-0001/2"),
    ("looks_like_email", "absence_days", "someone@example.org", "7"),
    ("looks_like_phone", "staff_id", "07700 900123", "0000900123"),
    ("looks_like_phone", "building", "+44 20 7946 0000", "B 20 7946"),
    ("looks_like_ni_number", "staff_id", "QQ 12 34 56 C", "QQ123456"),
    ("looks_like_ni_number", "role", "qq123456c", "Manager"),
    ("not_a_code", "staff_id", "=1+1", "A1+1".replace("+", "-")),
    ("not_a_code", "team", "2019-03-05 00:00:00", "3-5"),
    ("unknown_role", "role", "Socail worker", "children's  SOCIAL worker"),
    ("unknown_choice", "gender", "purple", "F"),
    ("unknown_choice", "grade", "G9", "g2"),
    ("not_a_number", "absence_days", "twelve", " 21 "),
    ("not_a_number", "tenure_months", "inf", "12.5"),
    ("not_whole_number", "illness_spells", 1.5, 1.0),
    ("not_a_date", "leaving_date", "31/02/2019", "28/02/2020"),
    ("not_a_date", "leaving_date", "12", "43800"),
    ("not_yes_or_no", "manager_trained", "perhaps", "TRUE"),
    ("negative_absence_days", "absence_days", -1, 1),
    ("negative_tenure_months", "tenure_months", -1, 0),
    ("negative_illness_days", "illness_days", -1, 1),
    ("negative_illness_spells", "illness_spells", -1, 1),
    ("negative_days_per_week", "days_per_week", -1, 1),
    ("absence_days_exceed_period", "absence_days", 254, 253),
    ("illness_days_exceed_period", "illness_days", 254, 20),
    ("illness_exceeds_absence", "illness_days", 21.5, 21),
    ("spells_without_days", "illness_days", 0, 0.5),
    ("days_without_spells", "illness_spells", 0, None),
    ("spells_exceed_days", "illness_spells", 3, 2),
    ("impossible_tenure", "tenure_months", 721, 720),
    ("impossible_days_per_week", "days_per_week", 37, 4.5),
    ("impossible_days_per_week", "days_per_week", 0, 0.5),
    ("impossible_leaving_date", "leaving_date", "01/01/1900", None),
    ("absence_after_leaving", "leaving_date", "30/09/2018", "01/10/2018"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "column", "bad", "near"), CELL_FAULTS)
def test_cell_fault_is_found_in_its_row_and_a_near_miss_is_not(
    tmp_path: Path, code: str, column: str, bad: object, near: object
) -> None:
    columns = people(illness_days=[1.0] * 12, illness_spells=[1] * 12) | COMPLETE
    good = columns[column]

    def with_cell(cell: object) -> dict[str, list[object]]:
        return columns | {column: [cell if i == 1 else good[i] for i in range(12)]}

    checked = check(tmp_path, with_cell(bad), above=ABOVE)
    finding = only(checked, code)
    assert finding.blocks
    assert finding.row == 5  # two rows above, the headings, then the second person
    assert finding.column == "ABCDEFGHIJKLMNOP"[list(columns).index(finding_column(code, column))]
    assert finding.heading
    assert code not in codes(check(tmp_path, with_cell(near), above=ABOVE))


def finding_column(code: str, column: str) -> str:
    """Return the column a finding points at where that is not the one that was changed."""
    return "illness_spells" if code == "spells_without_days" else column


@pytest.mark.parametrize("column", ["staff_id", "team", "building", "remark", "role", "grade"])
def test_personal_cell_never_reaches_the_frame(tmp_path: Path, column: str) -> None:
    columns = people() | COMPLETE
    columns[column] = ["Sarah Jones" if i == 3 else v for i, v in enumerate(columns[column])]
    checked = check(tmp_path, columns)
    assert checked.frame[column][3] is None
    assert checked.frame[column][4] == check(tmp_path, people() | COMPLETE).frame[column][4]
    assert "Jones" not in str(checked.findings)


def test_near_choice_is_suggested_and_the_cell_is_not_repeated(tmp_path: Path) -> None:
    columns = people(role=["Socail worker", "zzzz", *["Manager"] * 10])
    found = [f for f in check(tmp_path, columns).findings if f.code == "unknown_role"]
    assert [f.row for f in found] == [2, 3]
    assert "“Social worker”" in found[0].remedy
    assert "Did you mean" not in found[1].remedy
    assert "Socail" not in str(found)


def test_absence_beyond_a_part_time_contract_is_pointed_out_without_blocking(
    tmp_path: Path,
) -> None:
    columns = people(days_per_week=[2.5] * 12, absence_days=[126, 127, *[30] * 10])
    checked = check(tmp_path, columns)  # 253 working days: 126.5, rounded up to 127
    assert "absence_exceeds_contract" not in codes(checked)
    columns["absence_days"][1] = 128
    finding = only(check(tmp_path, columns), "absence_exceeds_contract")
    assert (finding.row, finding.blocks) == (3, False)


def test_leaving_date_after_the_day_of_retrieval_is_found(tmp_path: Path) -> None:
    columns = people(leaving_date=second("18/10/2019"))
    assert only(check(tmp_path, columns, above=ABOVE), "leaving_after_retrieval").row == 5
    assert "leaving_after_retrieval" not in codes(check(tmp_path, columns))
    columns = people(leaving_date=second("17/10/2019"))
    assert "leaving_after_retrieval" not in codes(check(tmp_path, columns, above=ABOVE))


def test_every_row_of_a_repeated_code_is_found(tmp_path: Path) -> None:
    ids = ["S000", "S001", "S000", *[f"S{i:03d}" for i in range(3, 12)]]
    checked = check(tmp_path, people(staff_id=ids))
    assert rows_with(checked, "duplicate_id") == [2, 4]
    assert "duplicate_id" not in codes(check(tmp_path, people()))


def test_missing_codes_are_not_called_repeated(tmp_path: Path) -> None:
    ids = [None, None, *[f"S{i:03d}" for i in range(2, 12)]]
    checked = check(tmp_path, people(staff_id=ids))
    assert "duplicate_id" not in codes(checked)
    assert rows_with(checked, "missing_id") == [2, 3]


def test_a_refused_code_is_not_also_called_missing(tmp_path: Path) -> None:
    ids = ["Ann Lee", *[f"S{i:03d}" for i in range(1, 12)]]
    assert "missing_id" not in codes(check(tmp_path, people(staff_id=ids)))


def test_near_zero_attendance_of_a_whole_partner_is_found(tmp_path: Path) -> None:
    away = people(absence_days=[190.0] * 12)  # 63 of 253 days attended
    finding = only(check(tmp_path, away), "near_zero_attendance")
    assert finding.blocks
    assert finding.column == "I"
    assert "near_zero_attendance" not in codes(check(tmp_path, people(absence_days=[189.0] * 12)))


def test_attendance_of_a_handful_of_staff_is_not_judged(tmp_path: Path) -> None:
    columns = people(4, absence_days=[250.0] * 4)
    assert "near_zero_attendance" not in codes(check(tmp_path, columns))


@pytest.mark.parametrize(
    ("column", "wave", "blocks"),
    [
        ("staff_id", "baseline", True),
        ("team", "endline", True),
        ("contract", "baseline", False),
        ("tenure_months", "baseline", False),
        ("illness_spells", "endline", False),
        ("leaving_date", "endline", True),  # without it nobody would seem to have left
    ],
)
def test_missing_column_is_found_when_the_trial_needs_it(
    tmp_path: Path, column: str, wave: str, blocks: bool
) -> None:
    columns = people()
    del columns[column]
    finding = only(check(tmp_path, columns, wave=wave), "missing_column")
    assert finding.blocks == blocks
    assert finding.row is None


def test_missing_column_nobody_needs_is_not_mentioned(tmp_path: Path) -> None:
    columns = people()
    del columns["gender"]
    checked = check(tmp_path, columns)
    assert "missing_column" not in codes(checked)
    assert checked.frame["gender"].null_count() == 12


def test_missing_cells_are_counted_per_column(tmp_path: Path) -> None:
    columns = people(contract=[None, "n/a", *["agency"] * 10])
    finding = only(check(tmp_path, columns), "missing_cells")
    assert (finding.count, finding.blocks, finding.column) == (2, False, "G")
    assert "missing_cells" not in codes(check(tmp_path, people()))


def test_missing_team_blocks_where_teams_are_allocated(tmp_path: Path) -> None:
    columns = people(team=second(None, "T1"))
    assert only(check(tmp_path, columns), "missing_cells").blocks
    assert not only(check(tmp_path, columns, wave="endline"), "missing_cells").blocks


def test_returns_with_headings_only_are_refused(tmp_path: Path) -> None:
    assert only(check(tmp_path, people(0)), "no_rows").blocks


def test_findings_of_one_kind_are_capped_and_the_rest_counted(tmp_path: Path) -> None:
    count = MOST_PER_CODE + 7
    columns = people(count, absence_days=[-1.0] * count, illness_days=[0.0] * count)
    found = [f for f in check(tmp_path, columns).findings if f.code == "negative_absence_days"]
    assert len(found) == MOST_PER_CODE + 1
    rest = next(f for f in found if f.row is None)
    assert rest.count == 7
    assert "7 more rows" in rest.fault


def test_blocking_findings_come_first(tmp_path: Path) -> None:
    checked = check(tmp_path, people(tenure_months=second(-1, 5)))
    assert [f.blocks for f in checked.findings] == [True, False, False]


@pytest.mark.parametrize(
    ("above", "code"),
    [
        ("Local Authority:,Southtown\n", "wrong_partner"),
        ("Local Authority:,Atlantis\n", "wrong_partner"),
        ("Collection:,Endline\n", "wrong_wave"),
        ("Period covered:,1 October 2019 to 31 March 2020\n", "wrong_wave"),
        ("Date data retrieved:,01/08/2019\n", "retrieved_early"),
    ],
)
def test_return_that_says_it_is_another_is_found(tmp_path: Path, above: str, code: str) -> None:
    finding = only(check(tmp_path, people(), above=above), code)
    assert finding.blocks == (code != "retrieved_early")


@pytest.mark.parametrize(
    "above",
    [
        "Local Authority: NORTHTOWN\n",
        "Partner:,northtown council\nWave,baseline\n",
        "Collection:,Baseline\nPeriod covered:,01/10/2018 - 30/09/2019\n",
        "Period covered:,the last 12 months\nCollection:,First\n",
        "Date data retrieved:,17/09/2019\n",  # the day the return is due
    ],
)
def test_return_that_says_it_is_the_right_one_is_not(tmp_path: Path, above: str) -> None:
    assert codes(check(tmp_path, people(), above=above)) <= NO_PREAMBLE


def test_another_known_partner_is_named_and_an_unknown_name_is_not_repeated(
    tmp_path: Path,
) -> None:
    known = only(check(tmp_path, people(), above="Council:,Southtown\n"), "wrong_partner")
    assert "Southtown" in known.fault
    unknown = only(check(tmp_path, people(), above="Council:,Sarah Jones\n"), "wrong_partner")
    assert "Jones" not in str(unknown)


def test_return_without_name_and_date_is_pointed_out(tmp_path: Path) -> None:
    assert codes(check(tmp_path, people())) == NO_PREAMBLE
    assert not check(tmp_path, people()).blocked


def endline(**columns: list[Any]) -> dict[str, list[object]]:
    """Return a good endline of the same twelve people, six months on."""
    now = people(absence_days=[10.0 + i for i in range(12)], illness_days=[0.0] * 12)
    now["illness_spells"] = [0] * 12
    now["tenure_months"] = [18.0 + 7 * i for i in range(12)]
    return now | columns


def follow(tmp_path: Path, columns: dict[str, list[object]]) -> CheckedReturn:
    before = check(tmp_path, people()).frame
    return check(tmp_path, columns, wave="endline", earlier={"baseline": before})


def test_the_same_people_six_months_on_give_no_findings(tmp_path: Path) -> None:
    assert codes(follow(tmp_path, endline())) == NO_PREAMBLE


def test_vanished_code_is_named(tmp_path: Path) -> None:
    columns = {key: values[:11] for key, values in endline().items()}
    finding = only(follow(tmp_path, columns), "vanished_id")
    assert "S011" in finding.fault
    assert not finding.blocks


def test_changed_code_is_found_where_team_role_and_service_fit(tmp_path: Path) -> None:
    ids = [f"S{i:03d}" for i in range(11)] + ["X900"]
    finding = only(follow(tmp_path, endline(staff_id=ids)), "changed_id")
    assert (finding.row, finding.blocks) == (13, True)


def test_newcomer_with_short_service_is_not_a_changed_code(tmp_path: Path) -> None:
    now = endline(staff_id=[f"S{i:03d}" for i in range(11)] + ["X900"])
    now["tenure_months"][11] = 2.0
    assert "changed_id" not in codes(follow(tmp_path, now))
    assert "vanished_id" in codes(follow(tmp_path, now))


def test_newcomer_in_another_team_is_not_a_changed_code(tmp_path: Path) -> None:
    now = endline(staff_id=[f"S{i:03d}" for i in range(11)] + ["X900"])
    now["team"][11] = "T9"
    assert "changed_id" not in codes(follow(tmp_path, now))


def test_two_possible_matches_are_no_match(tmp_path: Path) -> None:
    ids = [f"S{i:03d}" for i in range(10)] + ["X900", "X901"]
    now = endline(staff_id=ids)
    now["tenure_months"][10] = now["tenure_months"][11]
    assert "changed_id" not in codes(follow(tmp_path, now))


def test_service_that_runs_backwards_is_found_beyond_rounding(tmp_path: Path) -> None:
    now = endline()
    now["tenure_months"][2] = 24.9  # 26 at baseline, and a month is allowed for rounding
    assert only(follow(tmp_path, now), "tenure_backwards").row == 4
    now["tenure_months"][2] = 25.0
    assert "tenure_backwards" not in codes(follow(tmp_path, now))


def test_many_vanished_codes_are_capped(tmp_path: Path) -> None:
    count = MOST_PER_CODE + 30
    before = check(tmp_path, people(count)).frame
    few = {key: values[:20] for key, values in people(count).items()}
    checked = check(tmp_path, few, wave="endline", earlier={"baseline": before})
    found = [f for f in checked.findings if f.code == "vanished_id"]
    assert len(found) == MOST_PER_CODE + 1
    assert sum(f.count for f in found) == count - 20


def test_vanished_code_that_is_not_plain_is_not_printed(tmp_path: Path) -> None:
    ids = ["A-LONG/CODE 77", *[f"S{i:03d}" for i in range(1, 12)]]
    before = check(tmp_path, people(staff_id=ids)).frame
    rest = {key: values[1:] for key, values in endline().items()}
    checked = check(tmp_path, rest, wave="endline", earlier={"baseline": before})
    finding = only(checked, "vanished_id")
    assert "LONG" not in str(finding)


def test_old_file_under_a_new_name_is_found(tmp_path: Path) -> None:
    checked = follow(tmp_path, people())
    assert only(checked, "same_as_earlier").blocks
    assert "same_as_earlier" not in codes(follow(tmp_path, endline()))


def test_identical_absence_of_everyone_is_not_proof_of_an_old_file(tmp_path: Path) -> None:
    flat = people(absence_days=[0] * 12, illness_days=[0] * 12, illness_spells=[0] * 12)
    before = check(tmp_path, flat).frame
    now = flat | {"tenure_months": [v + 6 for v in people()["tenure_months"]]}  # type: ignore[operator]
    checked = check(tmp_path, now, wave="endline", earlier={"baseline": before})
    assert "same_as_earlier" not in codes(checked)


def test_a_handful_of_people_is_no_proof_of_an_old_file(tmp_path: Path) -> None:
    few = check(tmp_path, people(4)).frame
    checked = check(tmp_path, people(4), wave="endline", earlier={"baseline": few})
    assert "same_as_earlier" not in codes(checked)


def test_rows_of_another_partner_are_found(tmp_path: Path) -> None:
    theirs = check(tmp_path, people()).frame
    checked = check(tmp_path, people(), others={"southtown": theirs})
    assert only(checked, "other_partners_rows").blocks
    moved = people(absence_days=[40.0 + i for i in range(12)])
    assert "other_partners_rows" not in codes(check(tmp_path, moved, others={"southtown": theirs}))


def test_people_of_another_partner_are_found_by_their_codes(tmp_path: Path) -> None:
    own = check(tmp_path, people(staff_id=[f"N{i}" for i in range(12)])).frame
    theirs = check(tmp_path, people()).frame
    checked = check(
        tmp_path, endline(), wave="endline", earlier={"baseline": own}, others={"south": theirs}
    )
    assert "other_partners_rows" in codes(checked)
    both_use_plain_numbers = check(
        tmp_path, endline(), wave="endline", earlier={"baseline": theirs}, others={"south": theirs}
    )
    assert "other_partners_rows" not in codes(both_use_plain_numbers)


@pytest.mark.parametrize(
    ("partner", "wave", "words"),
    [
        ("atlantis", "baseline", "no such partner"),
        ("northtown", "survey_only", "no return"),
        ("northtown", "nowhere", "no return"),
        ("easttown", "baseline", "launch is not set"),
    ],
)
def test_return_nobody_expects_is_an_error(
    tmp_path: Path, partner: str, wave: str, words: str
) -> None:
    with pytest.raises(ReturnError, match=words):
        check(tmp_path, people(), partner=partner, wave=wave)


def test_trial_without_partners_says_so(tmp_path: Path) -> None:
    values = trial_values()
    values["population"]["partners"] = []
    with pytest.raises(ReturnError, match="Name one of: none"):
        check(tmp_path, people(), trial=Trial.model_validate(values))


def test_trial_with_given_allocation_needs_no_columns_for_it(tmp_path: Path) -> None:
    values = trial_values()
    values["allocation"] = {"method": "given", "unit": "team"}
    columns = people(team=second(None, "T1"))
    checked = check(tmp_path, columns, trial=Trial.model_validate(values))
    assert not only(checked, "missing_cells").blocks


def test_leavers_are_not_counted_as_gaps(tmp_path: Path) -> None:
    columns = endline(leaving_date=second(date(2019, 11, 4)))
    assert "missing_cells" not in codes(follow(tmp_path, columns))
    assert TRIAL.wave("endline").collect is not None
