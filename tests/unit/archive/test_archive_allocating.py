"""The draw happens once, from frozen inputs, whole or not at all, and anyone can replay it."""

import csv
import hashlib
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from archive_cases import (
    NOW,
    SECRET,
    TRIAL_TEXT,
    make_study,
    return_rows,
    snapshot,
    write_return,
)
from typer.testing import CliRunner

from lighttouch.cli.main import app
from lighttouch.core.archive.allocating import (
    allocate_study,
    freeze_roster,
    verify_allocation,
)
from lighttouch.core.archive.records import read_record
from lighttouch.core.archive.returning import collect_returns
from lighttouch.core.archive.rostering import build_roster
from lighttouch.core.archive.tabular import table_bytes
from lighttouch.core.errors import AllocationError, ArchiveError, ProtocolError
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.registering import amend_trial, register_trial


def allocated(folder: Path) -> Path:
    study = make_study(folder)
    allocate_study(study, by="trial manager", now=NOW)
    return study


def mismatches(study: Path) -> list[str]:
    return [str(fault) for fault in verify_allocation(study).mismatches]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_draw_gives_every_included_participant_an_arm_and_nobody_else(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    with (study / "roster.csv").open() as file:
        people = {row["participant"]: row["excluded_because"] for row in csv.DictReader(file)}
    with (study / "allocation.csv").open() as file:
        arms = {row["unit"]: row["arm"] for row in csv.DictReader(file)}
    assert len(people) == 16
    assert people["east/S007"] == "left"
    assert set(arms) == {one for one, reason in people.items() if reason == ""}


def test_golden_allocation_of_a_study(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    lines = (study / "allocation.csv").read_text().splitlines()[1:]
    assert "".join(line.split(",")[3][0] for line in lines) == "wlwllwwwlwllwlw"


def test_record_names_inputs_hashes_who_when_and_counts(tmp_path: Path) -> None:
    record = read_record(allocated(tmp_path) / "allocation.toml")
    assert record.secret == SECRET.hex()
    assert record.algorithm == "lighttouch-blocks-1"
    assert (record.by, record.at) == ("trial manager", "2019-09-01T12:00:00+00:00")
    assert sum(record.counts.values()) == 15
    assert abs(record.counts["letter"] - record.counts["waitlist"]) == 1


def test_strata_balance_the_arms_within_one(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    cells: dict[tuple[str, str], list[str]] = {}
    with (study / "allocation.csv").open() as file:
        for row in csv.DictReader(file):
            cells.setdefault((row["block"], row["stratum"]), []).append(row["arm"])
    assert len(cells) == 4
    for arms in cells.values():
        assert abs(2 * arms.count("letter") - len(arms)) <= 1


def test_same_study_gives_the_same_draw_whoever_runs_it_and_whenever(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    before = (study / "allocation.csv").read_bytes()
    for name in ("roster.csv", "allocation.csv", "allocation.toml"):
        (study / name).unlink()
    allocate_study(study, by="another", now=NOW.replace(day=20))
    assert (study / "allocation.csv").read_bytes() == before


def test_order_of_rows_in_the_returns_does_not_matter(tmp_path: Path) -> None:
    one = allocated(tmp_path / "one")
    two = make_study(tmp_path / "two")
    write_return(two, "west", "baseline", return_rows(first=20)[::-1])
    allocate_study(two, by="trial manager", now=NOW)
    assert (one / "allocation.csv").read_bytes() == (two / "allocation.csv").read_bytes()


def test_a_second_draw_is_refused_and_leaves_the_first_alone(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    before = snapshot(study)
    with pytest.raises(AllocationError, match="never drawn twice"):
        allocate_study(study, by="trial manager", now=NOW)
    assert snapshot(study) == before


def check_refused(study: Path, match: str, *, error: type[Exception] = AllocationError) -> None:
    before = snapshot(study)
    with pytest.raises(error, match=match):
        allocate_study(study, by="trial manager", now=NOW)
    assert snapshot(study) == before


def frozen_sha256(study: Path) -> str:
    roster = freeze_roster(parse_trial(TRIAL_TEXT), study)
    return hashlib.sha256(table_bytes(roster)).hexdigest()


def test_roster_frozen_before_is_the_one_drawn_from(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    before = snapshot(study)
    agreed = frozen_sha256(study)
    assert snapshot(study) == before
    record = allocate_study(study, by="trial manager", now=NOW, expected_roster_sha256=agreed)
    assert record.roster_sha256 == agreed
    assert hashlib.sha256((study / "roster.csv").read_bytes()).hexdigest() == agreed


def test_nothing_is_drawn_from_a_roster_nobody_agreed_on(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    agreed = frozen_sha256(study)
    write_return(study, "west", "baseline", return_rows(first=40))
    before = snapshot(study)
    with pytest.raises(AllocationError, match="not the one agreed on"):
        allocate_study(study, by="trial manager", now=NOW, expected_roster_sha256=agreed)
    assert snapshot(study) == before


def test_nothing_is_drawn_without_a_registration(tmp_path: Path) -> None:
    write_return(tmp_path / "study", "east", "baseline", return_rows())
    check_refused(tmp_path / "study", "no trial is registered", error=ProtocolError)


def test_nothing_is_drawn_with_another_secret(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    (study / "secret.key").write_text("00" * 32)
    check_refused(study, "not the one committed to")


@pytest.mark.parametrize("content", [None, "no hexadecimal"])
def test_nothing_is_drawn_without_a_readable_secret(tmp_path: Path, content: str | None) -> None:
    study = make_study(tmp_path)
    (study / "secret.key").unlink()
    if content is not None:
        (study / "secret.key").write_text(content)
    check_refused(study, "secret cannot be read")


def test_nothing_is_drawn_while_a_baseline_return_is_missing(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    (study / "returns" / "west" / "baseline.csv").unlink()
    check_refused(study, "returns/west/baseline: the baseline return is missing")


def test_nothing_is_drawn_while_a_baseline_return_is_blocked(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    rows = return_rows(first=20)
    rows[3][0] = rows[2][0]
    write_return(study, "west", "baseline", rows)
    check_refused(study, r"returns/west/baseline.csv, .*row 4.*same staff code")


def test_every_fault_of_every_return_is_said_at_once(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    (study / "returns" / "west" / "baseline.csv").unlink()
    rows = return_rows()
    rows[1][0] = rows[2][0]
    write_return(study, "east", "baseline", rows)
    with pytest.raises(AllocationError) as caught:
        allocate_study(study, by="trial manager", now=NOW)
    assert {fault.where.split("/")[1] for fault in caught.value.faults} == {"east", "west"}


def test_nothing_is_drawn_when_no_partner_is_recruited(tmp_path: Path) -> None:
    text = TRIAL_TEXT
    for name in ("East", "West"):
        text = text.replace(f'name = "{name}"', f'name = "{name}"\nstatus = "cancelled"')
    register_trial(text, folder=tmp_path / "study", secret=SECRET, now=NOW)
    check_refused(tmp_path / "study", "no partner is recruited")


def test_nothing_is_drawn_for_a_trial_that_draws_nothing(tmp_path: Path) -> None:
    text = (
        TRIAL_TEXT.split('[[arms]]\nid = "letter"')[0] + TRIAL_TEXT.split("reference = true", 1)[1]
    )
    text = text.replace(
        "[allocation]", '[[arms]]\nid = "letter"\nlabel = "L"\n\n[allocation]\nmethod = "none"'
    )
    text = "\n".join(line for line in text.splitlines() if not line.startswith("strata"))
    register_trial(text, folder=tmp_path / "study", secret=SECRET, now=NOW)
    check_refused(tmp_path / "study", "nothing is drawn here")


def test_nobody_without_a_code_enters_the_roster(tmp_path: Path) -> None:
    trial = parse_trial(TRIAL_TEXT)
    accepted = collect_returns(trial, make_study(tmp_path), [trial.baseline_wave]).returns
    code = pl.when(pl.col("staff_id") != "S003").then("staff_id").otherwise(pl.lit(""))
    nameless = {key: frame.with_columns(staff_id=code) for key, frame in accepted.items()}
    with pytest.raises(ArchiveError, match=r"1 row\(s\) have no staff code"):
        build_roster(trial, nameless)


def test_who_and_when_must_be_said(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    with pytest.raises(AllocationError, match="nobody is named"):
        allocate_study(study, by=" ", now=NOW)
    with pytest.raises(AllocationError, match="no zone"):
        allocate_study(study, by="me", now=datetime(2019, 9, 1))  # noqa: DTZ001


def test_whoever_draws_is_not_recorded_by_name(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    with pytest.raises(AllocationError, match="looks like the name of a person") as caught:
        allocate_study(study, by="Jane Bloggs", now=NOW)
    assert "Bloggs" not in str(caught.value)
    assert not (study / "allocation.toml").exists()


def test_all_three_files_appear_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_study(tmp_path)
    rename = Path.rename

    def fail_last(self: Path, target: Path) -> Path:
        if target.name == "allocation.toml":
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_last)
    check_refused(study, "disk full", error=OSError)


def test_an_untouched_draw_is_confirmed_line_by_line(tmp_path: Path) -> None:
    result = verify_allocation(allocated(tmp_path))
    assert result.confirmed
    assert "Drawing again gives the recorded arm for all 15 units." in result.lines
    assert result.mismatches == ()


def test_an_altered_byte_of_the_roster_is_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "roster.csv", "T1", "T2")
    found = mismatches(study)
    assert found[0] == "roster.csv: the file was altered after the draw."
    assert any("units are not in the arm that was drawn" in line for line in found)


def test_an_altered_arm_is_named_and_counted(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.csv", "letter", "waitlist")
    assert mismatches(study) == [
        "allocation.csv: the file was altered after the draw.",
        "allocation.csv: 1 of 15 units are not in the arm that was drawn.",
    ]


def test_a_dropped_unit_is_counted(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    lines = (study / "allocation.csv").read_text().splitlines(keepends=True)
    (study / "allocation.csv").write_text("".join(lines[:-2]))
    assert "2 of 15 units are not in the arm that was drawn" in mismatches(study)[-1]


def test_an_altered_chance_is_noticed_though_the_arms_are_right(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.csv", "0.5", "0.6")
    assert "not as the draw wrote them" in mismatches(study)[-1]


def test_an_allocation_without_its_columns_is_noticed(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.csv", "unit,", "who,")
    assert "15 of 15 units" in mismatches(study)[-1]


def test_another_secret_in_the_record_is_named_and_draws_otherwise(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", SECRET.hex(), "ab" * 32)
    found = mismatches(study)
    assert "the revealed secret is not the one committed to at registration" in found[0]
    assert "units are not in the arm that was drawn" in found[1]


def test_a_garbled_secret_cannot_be_replayed(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", SECRET.hex(), "not hexadecimal")
    assert "cannot be replayed" in mismatches(study)[-1]


def test_another_commitment_in_the_record_is_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", 'commitment = "', 'commitment = "0')
    assert mismatches(study) == [
        "allocation.toml: the record names another commitment than the registration."
    ]


def test_another_protocol_in_the_record_is_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", 'protocol_sha256 = "', 'protocol_sha256 = "0')
    assert mismatches(study) == [
        "allocation.toml: the record names another trial file than the one registered."
    ]


def test_another_design_in_the_record_is_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", 'design_sha256 = "', 'design_sha256 = "0')
    assert "no registered version of the trial file" in mismatches(study)[0]


def test_another_algorithm_in_the_record_is_not_guessed_at(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", "lighttouch-blocks-1", "lighttouch-blocks-9")
    assert "this version draws by lighttouch-blocks-1" in mismatches(study)[0]


def test_other_counts_in_the_record_are_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "allocation.toml", "waitlist = ", "waitlist = 1")
    assert "numbers in each arm are not those drawn" in mismatches(study)[0]


def test_an_altered_registered_trial_file_is_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "protocol" / "registered.toml", "Sixteen", "Seventeen")
    assert "a registered file was altered" in mismatches(study)[0]


def test_missing_files_are_named(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    (study / "roster.csv").unlink()
    found = mismatches(study)
    assert found[0] == "roster.csv: the file is missing."
    assert "cannot be replayed" in found[1]


def test_a_roster_that_is_no_table_cannot_be_replayed(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    (study / "roster.csv").write_bytes(b"\xff\xfe\x00")
    assert any("not a table" in line for line in mismatches(study))


def test_a_roster_without_a_needed_column_cannot_be_replayed(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    edit(study / "roster.csv", "days_attended", "days")
    assert any("no column days_attended" in line for line in mismatches(study))


def test_no_record_means_nothing_to_replay(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no draw is recorded here"):
        verify_allocation(make_study(tmp_path))


def test_amendment_before_the_draw_decides_the_design_and_cannot_move_the_seed(
    tmp_path: Path,
) -> None:
    plain = allocated(tmp_path / "plain")
    study = make_study(tmp_path / "amended")
    amend_trial(TRIAL_TEXT + "\n# a remark\n", folder=study, now=NOW, reason="A remark")
    allocate_study(study, by="trial manager", now=NOW)
    assert verify_allocation(study).confirmed
    assert (study / "allocation.csv").read_bytes() == (plain / "allocation.csv").read_bytes()


def test_amendment_after_the_draw_leaves_it_confirmed(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    amend_trial(
        TRIAL_TEXT.replace("groups = 2", "groups = 3"), folder=study, now=NOW, reason="Late"
    )
    assert verify_allocation(study).confirmed


def test_command_draws_replays_and_fails_on_a_changed_arm(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    run = CliRunner().invoke
    drawn = run(app, ["allocate", str(study), "--by", "trial manager"])
    assert drawn.exit_code == 0
    assert "Allocated: letter" in drawn.stdout
    assert run(app, ["allocate", str(study), "--verify"]).exit_code == 0
    edit(study / "allocation.csv", "letter", "waitlist")
    replayed = run(app, ["allocate", str(study), "--verify"])
    assert replayed.exit_code == 1
    assert "1 of 15 units are not in the arm that was drawn" in replayed.stdout
