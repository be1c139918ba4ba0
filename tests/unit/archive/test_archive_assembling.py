"""An archive holds what the study held, checked, canonical, complete, and the same every time."""

import shutil
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

from lighttouch.core.archive.allocating import allocate_study, verify_allocation
from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.model import Archive, DeviationReason, FindingCount
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.archive.verification import check_manifest, write_manifest
from lighttouch.core.errors import ArchiveError, ProtocolError
from lighttouch.core.protocol.registering import amend_trial, register_trial


def complete(folder: Path) -> Path:
    """An allocated study with one endline return and everything else collected."""
    study = make_study(folder)
    allocate_study(study, by="trial manager", now=NOW)
    write_return(study, "east", "endline", return_rows(days=9)[:7])
    files = {
        "responses.csv": "participant,wave,item,value\n"
        "west/S021,endline,burnout_2,5\nwest/S020,endline,burnout_1,4\n",
        "events.csv": "participant,event,at,detail\nwest/S020,withdrawal,2019-12-01,stop_contact\n",
        "deliveries.csv": "participant,intervention,step,due,state,at\n"
        "east/S000,praise,post,2019-09-02,delivered,2019-09-03\n",
        "uptake.csv": "participant,event,at,detail\nwest/S021,opened,2019-10-08,\n",
        "quotes.csv": "theme,role,quote,cleared_by\nThanks,manager,It was kind.,editor\n",
        "funnel.csv": "stage,partners,note\nWrote to us,35,\nChosen,15,Others were late.\n",
        "deviations.toml": '[[deviation]]\nscope = "west"\ndecision = "no return at endline"\n'
        'reason = "Lockdown."\n',
    }
    for name, text in files.items():
        (study / name).write_text(text, encoding="utf-8")
    return study


def assemble(study: Path, out: Path, text: str = TRIAL_TEXT) -> Archive:
    return assemble_archive(text, data=study, out=out)


def faults(study: Path, out: Path, text: str = TRIAL_TEXT) -> list[str]:
    with pytest.raises(ArchiveError) as caught:
        assemble(study, out, text)
    assert not out.exists()
    return [str(fault) for fault in caught.value.faults]


def test_everything_of_the_study_is_in_the_archive(tmp_path: Path) -> None:
    archive = assemble(complete(tmp_path), tmp_path / "out")
    assert archive.root == tmp_path / "out"
    assert archive.roster.height == 16
    assert archive.allocation is not None
    assert archive.allocation.height == 15
    assert archive.record is not None
    assert archive.registration is not None
    assert sorted(archive.returns) == [
        ("east", "baseline"),
        ("east", "endline"),
        ("west", "baseline"),
    ]
    assert archive.responses is not None
    assert archive.responses["participant"].to_list() == ["west/S020", "west/S021"]
    assert archive.deliveries is not None
    assert archive.events is not None
    assert archive.uptake is not None
    assert archive.quotes is not None
    assert archive.funnel is not None
    assert archive.funnel.rows() == [("Wrote to us", 35, None), ("Chosen", 15, "Others were late.")]
    assert archive.deviations == (DeviationReason("west", "no return at endline", "Lockdown."),)
    assert archive.trial_text == TRIAL_TEXT


def test_columns_have_their_types_again_when_read(tmp_path: Path) -> None:
    archive = assemble(complete(tmp_path), tmp_path / "out")
    kinds = archive.roster.schema
    assert kinds["absence_days"] == pl.Float64
    assert kinds["leaving_date"] == pl.Date
    assert kinds["manager_feedback"] == pl.Boolean
    assert archive.roster["excluded_because"].null_count() == 0
    assert archive.allocation is not None
    assert archive.allocation.schema["probability"] == pl.Float64
    assert archive.returns["east", "endline"].schema["illness_spells"] == pl.Int64


def test_a_study_with_returns_alone_has_no_other_tables(tmp_path: Path) -> None:
    study = complete(tmp_path)
    for path in study.glob("*.csv"):
        if path.name not in ("roster.csv", "allocation.csv"):
            path.unlink()
    (study / "deviations.toml").unlink()
    archive = assemble(study, tmp_path / "out")
    assert archive.returns["east", "endline"].height == 7
    assert archive.responses is archive.events is archive.quotes is archive.funnel is None
    assert archive.deviations == ()


def test_findings_are_counted_and_kept(tmp_path: Path) -> None:
    archive = assemble(complete(tmp_path), tmp_path / "out")
    assert FindingCount("east", "baseline", 0, 2) in archive.findings
    assert len(archive.findings) == 3


def test_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    study = complete(tmp_path)
    assemble(study, tmp_path / "one")
    assemble(study, tmp_path / "two")
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_order_of_rows_in_what_was_collected_does_not_matter(tmp_path: Path) -> None:
    study = complete(tmp_path)
    assemble(study, tmp_path / "one")
    lines = (study / "responses.csv").read_text().splitlines(keepends=True)
    (study / "responses.csv").write_text("".join([lines[0], *lines[:0:-1]]))
    write_return(study, "east", "endline", return_rows(days=9)[:7][::-1])
    assemble(study, tmp_path / "two")
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_draw_replays_from_the_archive_alone(tmp_path: Path) -> None:
    assemble(complete(tmp_path), tmp_path / "out")
    shutil.rmtree(tmp_path / "study")
    assert verify_allocation(tmp_path / "out").confirmed


def test_archive_never_holds_the_secret_file(tmp_path: Path) -> None:
    assemble(complete(tmp_path), tmp_path / "out")
    assert "secret.key" not in snapshot(tmp_path / "out")


def test_a_study_that_is_not_allocated_is_refused(tmp_path: Path) -> None:
    assert "not allocated yet" in faults(make_study(tmp_path), tmp_path / "out")[0]


def test_all_faults_of_allocation_and_returns_are_said_at_once(tmp_path: Path) -> None:
    study = complete(tmp_path)
    text = (study / "allocation.csv").read_text()
    (study / "allocation.csv").write_text(text.replace("letter", "waitlist", 1))
    rows = return_rows(days=9)
    rows[3][0] = rows[2][0]
    write_return(study, "east", "endline", rows)
    found = faults(study, tmp_path / "out")
    assert any("altered after the draw" in line for line in found)
    assert any("endline.csv" in line and "same staff code" in line for line in found)


def test_a_baseline_return_changed_after_the_draw_is_noticed(tmp_path: Path) -> None:
    study = complete(tmp_path)
    rows = return_rows(first=20)
    rows[0][2] = 25
    write_return(study, "west", "baseline", rows)
    assert "not those the roster was frozen from" in faults(study, tmp_path / "out")[0]


def test_running_an_amended_file_still_checks_the_roster_by_the_one_in_force_then(
    tmp_path: Path,
) -> None:
    study = complete(tmp_path)
    amended = TRIAL_TEXT.replace('id = "left"', 'id = "gone"')
    amend_trial(amended, folder=study, now=NOW, reason="Another name")
    archive = assemble(study, tmp_path / "out", amended)
    assert archive.roster.filter(pl.col("excluded_because") == "left").height == 1
    assert (tmp_path / "out" / "protocol" / "amendment-01.toml").is_file()


def test_a_baseline_the_old_file_refuses_is_noticed_too(tmp_path: Path) -> None:
    study = complete(tmp_path)
    amended = TRIAL_TEXT.replace('kind = "yes_no"', 'kind = "text"')
    amend_trial(amended, folder=study, now=NOW, reason="Any answer")
    rows = return_rows()
    rows[0][5] = "perhaps"
    write_return(study, "east", "baseline", rows)
    assert faults(study, tmp_path / "out", amended)


def test_the_trial_file_of_another_trial_is_refused(tmp_path: Path) -> None:
    text = TRIAL_TEXT.replace('id = "small"', 'id = "other"', 1)
    assert (
        "the study is of the trial small" in faults(complete(tmp_path), tmp_path / "out", text)[0]
    )


def test_an_altered_registration_is_refused(tmp_path: Path) -> None:
    study = complete(tmp_path)
    path = study / "protocol" / "registered.toml"
    path.write_text(path.read_text().replace("Sixteen", "Seventeen"))
    with pytest.raises(ProtocolError, match="altered"):
        assemble(study, tmp_path / "out")


def test_an_invalid_trial_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError):
        assemble(tmp_path / "nowhere", tmp_path / "out", "version = 1\n")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("responses.csv", "participant,wave,item\n", "there is no column value"),
        ("responses.csv", "participant,wave,item,value,name\n", "1 column(s) are not expected"),
        ("responses.csv", "participant,wave,item,value\nx/1,endline,a,1\n", "not in the roster"),
        (
            "responses.csv",
            "participant,wave,item,value\nwest/S020,end,a,1\n",
            "the wave is none of",
        ),
        ("responses.csv", "participant,wave,item,value\nwest/S020,endline,,1\n", "item is empty"),
        (
            "responses.csv",
            "participant,wave,item,value\n" + "west/S020,endline,burnout_1,1\n" * 2,
            "answered a second time",
        ),
        (
            "responses.csv",
            "participant,wave,item,value\nwest/S020,endline,burnout_1,9\n",
            "row 2, item burnout_1: the answer is not a whole number from 1 to 6",
        ),
        (
            "deliveries.csv",
            "participant,intervention,step,due,state,at\n"
            + "west/S020,praise,letter,2019-09-02,sent,\n" * 2,
            "repeat another row",
        ),
        (
            "deliveries.csv",
            "participant,intervention,step,due,state,at\nwest/S020,praise,visit,2019-09-02,sent,\n",
            "no such step",
        ),
        (
            "deliveries.csv",
            "participant,intervention,step,due,state,at\n"
            + "west/S020,survey,endline-reminder-9,2019-09-02,sent,\n",
            "no such step",
        ),
        ("quotes.csv", "theme,role,quote,cleared_by\nA,,B,\n", "cleared_by is empty"),
        ("funnel.csv", "stage,partners\nA,1\n", "there is no column note"),
        ("funnel.csv", "stage,partners,note\n,1,\n", "row 2: stage is empty"),
        ("funnel.csv", "stage,partners,note\nA,,\n", "row 2: partners is empty"),
        ("events.csv", "a,a\n1,2\n", "two columns have the same heading"),
        ("events.csv", 'participant\n"x\n', "the file is not a table"),
        ("deviations.toml", '[[deviation]]\nscope = "x"\n', "decision is missing"),
    ],
)
def test_what_was_collected_is_checked_and_placed(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    study = complete(tmp_path)
    (study / name).write_text(text, encoding="utf-8")
    found = faults(study, tmp_path / "out")
    assert any(expected in line and line.startswith(name) for line in found), found


def test_many_rows_with_one_fault_are_not_listed_one_by_one(tmp_path: Path) -> None:
    study = complete(tmp_path)
    rows = "".join(f"x/{at},opened,2019-10-08,\n" for at in range(30))
    (study / "uptake.csv").write_text("participant,event,at,detail\n" + rows)
    found = faults(study, tmp_path / "out")
    assert len(found) == 21
    assert "in 10 more rows" in found[-1]


def test_no_fault_repeats_what_a_cell_holds(tmp_path: Path) -> None:
    study = complete(tmp_path)
    (study / "responses.csv").write_text(
        "participant,wave,item,value\nJane Secretname,Secretwave,a,1\n", encoding="utf-8"
    )
    assert not any("Secret" in line for line in faults(study, tmp_path / "out"))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "quotes.csv",
            "theme,role,quote,cleared_by\nA,,Write to ann@place.example,editor\n",
            "quotes.csv, row 2: quote looks like it holds an e-mail address",
        ),
        (
            "quotes.csv",
            "theme,role,quote,cleared_by\nA,,Kind.,editor\nA,,Good.,Jane Bloggs\n",
            "quotes.csv, row 3: cleared_by looks like it holds the name of a person",
        ),
        (
            "funnel.csv",
            "stage,partners,note\nCall,9,\nChosen,3,Ask Jane Bloggs\n",
            "funnel.csv, row 3: note looks like it holds the name of a person",
        ),
        (
            "funnel.csv",
            "stage,partners,note\nWrote to ann@place.example,9,\n",
            "funnel.csv, row 2: stage looks like it holds an e-mail address",
        ),
        (
            "events.csv",
            "participant,event,at,detail\nwest/S020,left,2019-12-01,call 07700 900123\n",
            "events.csv, row 2: detail looks like it holds a telephone number",
        ),
        (
            "uptake.csv",
            "participant,event,at,detail\nwest/S020,opened,2019-12-01,QQ123456C\n",
            "uptake.csv, row 2: detail looks like it holds a National Insurance number",
        ),
        (
            "deviations.toml",
            '[[deviation]]\nscope = "west"\ndecision = "x"\nreason = "Jane Bloggs fell ill."\n',
            "deviations.toml, deviation 1: reason looks like the name of a person",
        ),
    ],
)
def test_what_looks_personal_stays_out_and_is_not_repeated(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    study = complete(tmp_path)
    (study / name).write_text(text, encoding="utf-8")
    found = faults(study, tmp_path / "out")
    assert any(line.startswith(expected) for line in found), found
    for value in ("place.example", "Bloggs", "900123", "QQ123456C"):
        assert not any(value in line for line in found)


def test_who_asks_for_erasure_loses_answers_use_and_later_returns(tmp_path: Path) -> None:
    study = complete(tmp_path)
    (study / "events.csv").write_text(
        "participant,event,at,detail\n"
        "west/S021,withdrawal,2019-12-01,erase\neast/S001,withdrawal,2019-12-01,erase\n"
    )
    archive = assemble(study, tmp_path / "out")
    assert archive.responses is not None
    assert archive.responses["participant"].to_list() == ["west/S020"]
    assert archive.uptake is not None
    assert archive.uptake.height == 0
    assert "S001" not in archive.returns["east", "endline"]["staff_id"].to_list()
    assert "S001" in archive.returns["east", "baseline"]["staff_id"].to_list()
    assert archive.events is not None
    assert archive.events.height == 2


def test_stray_folders_and_files_among_the_returns_are_named(tmp_path: Path) -> None:
    study = complete(tmp_path)
    write_return(study, "north", "baseline", return_rows())
    write_return(study, "east", "midline", return_rows())
    (study / "returns" / "east" / "note.txt").write_text("x")
    found = faults(study, tmp_path / "out")
    assert [line.split(":")[0] for line in found] == [
        "returns/east/midline.csv",
        "returns/north",
    ]


def test_two_files_for_one_return_are_refused(tmp_path: Path) -> None:
    study = complete(tmp_path)
    (study / "returns" / "east" / "endline.xlsx").write_bytes(b"")
    assert "several files for one return" in faults(study, tmp_path / "out")[0]


def test_a_return_that_is_no_table_is_refused_by_name(tmp_path: Path) -> None:
    study = complete(tmp_path)
    (study / "returns" / "east" / "endline.csv").write_text("nothing here\n")
    assert faults(study, tmp_path / "out")[0].startswith("returns/east/endline.csv")


def test_a_cancelled_partners_returns_stay_out(tmp_path: Path) -> None:
    study = complete(tmp_path)
    write_return(study, "south", "baseline", return_rows(first=60))
    archive = assemble(study, tmp_path / "out")
    assert ("south", "baseline") not in archive.returns


SINGLE_TEXT = (
    TRIAL_TEXT.split('[[arms]]\nid = "letter"')[0]
    + '[[arms]]\nid = "letter"\nlabel = "Letter"\n\n[allocation]\nmethod = "none"\n\n'
    + "[[waves]]"
    + TRIAL_TEXT.split("[[waves]]", 1)[1]
)


def test_with_one_arm_everybody_included_is_in_it(tmp_path: Path) -> None:
    study = tmp_path / "study"
    write_return(study, "east", "baseline", return_rows(left="01/08/2019"))
    archive = assemble(study, tmp_path / "out", SINGLE_TEXT)
    assert archive.allocation is not None
    assert archive.allocation["arm"].to_list() == ["letter"] * 7
    assert archive.allocation["probability"].to_list() == [1.0] * 7
    assert archive.registration is None
    assert archive.record is None


def test_with_one_arm_a_baseline_return_is_needed(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    assert "no baseline return" in faults(tmp_path / "study", tmp_path / "out", SINGLE_TEXT)[0]


def test_an_existing_archive_is_not_replaced(tmp_path: Path) -> None:
    study = complete(tmp_path)
    assemble(study, tmp_path / "out")
    before = snapshot(tmp_path / "out")
    with pytest.raises(ArchiveError, match="archive or report here already"):
        assemble(study, tmp_path / "out")
    assert snapshot(tmp_path / "out") == before


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    assemble(complete(tmp_path), tmp_path / "out")
    return tmp_path / "out"


def manifest_faults(archive: Path) -> list[str]:
    with pytest.raises(ArchiveError) as caught:
        read_archive(archive)
    return [str(fault) for fault in caught.value.faults]


def test_every_single_altered_file_is_named(archive: Path) -> None:
    for name in snapshot(archive):
        if name == "MANIFEST.toml":
            continue
        path = archive / name
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        assert manifest_faults(archive) == [
            f"{name}: the file was altered. Restore it from a copy."
        ]
        path.write_bytes(content)
    assert read_archive(archive).roster.height == 16


def test_missing_and_extra_files_are_named_together(archive: Path) -> None:
    (archive / "events.csv").unlink()
    (archive / "names.csv").write_text("x")
    assert [line.split(".")[0] for line in manifest_faults(archive)] == ["events", "names"]


def test_results_and_report_may_be_added_without_touching_the_manifest(archive: Path) -> None:
    (archive / "results.json").write_text("{}")
    (archive / "report").mkdir()
    (archive / "report" / "report.html").write_text("x")
    assert read_archive(archive).roster.height > 0


def test_results_can_be_put_under_the_manifest(archive: Path) -> None:
    (archive / "results.json").write_text("{}")
    write_manifest(archive, results=True)
    check_manifest(archive)
    (archive / "results.json").write_text("[]")
    assert manifest_faults(archive)[0].startswith("results.json: the file was altered")


def test_a_folder_without_a_manifest_is_no_archive(tmp_path: Path) -> None:
    assert "no manifest" in manifest_faults(tmp_path)[0]


@pytest.mark.parametrize("text", ["schema = ", "schema = 1", "schema = 1\nsha256 = 3\n"])
def test_a_manifest_that_cannot_be_read_is_said(archive: Path, text: str) -> None:
    (archive / "MANIFEST.toml").write_text(text)
    assert "manifest cannot be read" in manifest_faults(archive)[0]


def test_an_archive_of_another_layout_is_not_guessed_at(archive: Path) -> None:
    path = archive / "MANIFEST.toml"
    path.write_text(path.read_text().replace("schema = 1", "schema = 2"))
    assert "layout 2; this version reads 1" in manifest_faults(archive)[0]


def test_a_study_without_registration_can_be_assembled_where_nothing_is_drawn(
    tmp_path: Path,
) -> None:
    study = tmp_path / "study"
    register_trial(SINGLE_TEXT, folder=study, secret=SECRET, now=NOW)
    write_return(study, "east", "baseline", return_rows())
    registered = assemble(study, tmp_path / "one", SINGLE_TEXT)
    assert registered.registration is not None
    shutil.rmtree(study / "protocol")
    assert assemble(study, tmp_path / "two", SINGLE_TEXT).registration is None


def test_a_study_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = faults(tmp_path / "nowhere", tmp_path / "out")
    assert said == [f"{tmp_path / 'nowhere'}: there is no such folder. Check the path."]
