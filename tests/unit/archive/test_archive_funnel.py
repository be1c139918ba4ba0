"""A funnel is archived in its own order, and one that cannot be true is refused."""

from pathlib import Path

import pytest
from archive_cases import NOW, TRIAL_TEXT, make_study

from lighttouch.core.archive.allocating import allocate_study
from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.errors import ArchiveError


def allocated(folder: Path) -> Path:
    study = make_study(folder)
    allocate_study(study, by="trial manager", now=NOW)
    return study


def faults(study: Path, out: Path) -> list[str]:
    with pytest.raises(ArchiveError) as caught:
        assemble_archive(TRIAL_TEXT, data=study, out=out)
    assert not out.exists()
    return [str(fault) for fault in caught.value.faults]


def test_a_funnel_keeps_the_order_of_its_rows(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    text = "stage,partners,note\nWrote,9,\nMet,9,\nChosen,3,\nAgreed,0,None could go on.\n"
    (study / "funnel.csv").write_text(text)
    archive = assemble_archive(TRIAL_TEXT, data=study, out=tmp_path / "out")
    assert (tmp_path / "out" / "funnel.csv").read_text() == text
    assert archive.funnel is not None
    assert archive.funnel["stage"].to_list() == ["Wrote", "Met", "Chosen", "Agreed"]
    assert archive.funnel["partners"].to_list() == [9, 9, 3, 0]


@pytest.mark.parametrize("count", ["1.0", "-1", "few", "1 000", "9999999999", " 3"])
def test_a_funnel_counts_partners_in_whole_numbers(tmp_path: Path, count: str) -> None:
    study = allocated(tmp_path)
    (study / "funnel.csv").write_text(f"stage,partners,note\nWrote,{count},\n")
    assert faults(study, tmp_path / "out") == [
        "funnel.csv, row 2: partners is not a whole number of at least 0. Give the number of "
        "partners in digits, with nothing else in the cell."
    ]


def test_a_funnel_only_narrows_and_names_no_stage_twice(tmp_path: Path) -> None:
    study = allocated(tmp_path)
    rows = "Wrote,35,\nMet,15,\nwrote ,15,\nChosen,some,\nLaunched,16,\nReported,5,\n"
    (study / "funnel.csv").write_text("stage,partners,note\n" + rows)
    found = [line.split(". ")[0] for line in faults(study, tmp_path / "out")]
    assert found == [
        "funnel.csv, row 5: partners is not a whole number of at least 0",
        "funnel.csv, row 4: the stage is there already",
        "funnel.csv, row 6: there are more partners than at the stage before",
    ]
