"""Tables of a trial randomised elsewhere become roster, allocation and canonical tables."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from archive_cases import AFTER, BEFORE, GIVEN_TEXT, make_given, snapshot

from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.given import read_given
from lighttouch.core.archive.model import Archive
from lighttouch.core.errors import ArchiveError
from lighttouch.core.protocol.reading import parse_trial

CLUSTERED = (
    GIVEN_TEXT.replace('method = "given"', 'method = "given"\nunit = "village"')
    .replace('stratum = "region"', 'cluster = "place"')
    .replace('when = { column = "got", missing = true }', "cluster_smaller_than = 2")
)
PLACES = "id,got,place,age\n1,1,p,30\n2,1,p,31\n3,0,q,32\n4,0,q,33\n5,1,r,34\n"
AFTER_FEW = "id,bought\n1,1\n2,0\n3,NA\n"


def assemble(
    folder: Path, text: str = GIVEN_TEXT, files: Mapping[str, str] | None = None
) -> Archive:
    study = make_given(folder, files)
    return assemble_archive(text, data=study, out=folder / "out")


def faults(folder: Path, text: str = GIVEN_TEXT, files: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ArchiveError) as caught:
        assemble(folder, text, files)
    assert not (folder / "out").exists()
    return "\n".join(str(fault) for fault in caught.value.faults)


def allocation(archive: Archive) -> pl.DataFrame:
    assert archive.allocation is not None
    return archive.allocation


def test_roster_comes_from_the_table_with_the_arm(tmp_path: Path) -> None:
    roster = assemble(tmp_path).roster
    assert roster["participant"].to_list() == [f"given/{at}" for at in range(1, 7)]
    assert roster["staff_id"].to_list() == ["1", "2", "3", "4", "5", "6"]
    assert roster["excluded_because"].to_list() == [""] * 5 + ["no_arm"]


def test_only_columns_the_trial_uses_are_copied(tmp_path: Path) -> None:
    archive = assemble(tmp_path)
    assert archive.tables["before"].columns == ["participant", "id", "got", "region", "age"]
    assert archive.tables["after"].columns == ["participant", "id", "bought"]
    assert not any(b"Ann" in content for content in snapshot(tmp_path / "out").values())


def test_codes_for_missing_become_empty(tmp_path: Path) -> None:
    archive = assemble(tmp_path)
    assert archive.tables["before"]["age"].to_list() == ["30", None, "50", "20", None, "1"]
    assert archive.tables["after"]["bought"].to_list() == ["1", "0", None, "1"]


def test_chance_is_the_observed_share_in_the_cell(tmp_path: Path) -> None:
    table = allocation(assemble(tmp_path))
    assert table["unit"].to_list() == [f"given/{at}" for at in range(1, 6)]
    assert table["arm"].to_list() == ["offer", "none", "offer", "none", "none"]
    assert table["stratum"].to_list() == ["n", "n", "s", "s", "s"]
    assert table["block"].to_list() == [""] * 5
    assert table["probability"].to_list() == pytest.approx([1 / 2, 1 / 2, 1 / 3, 2 / 3, 2 / 3])


@pytest.mark.parametrize("design", ["bernoulli", "undeclared"])
def test_chance_is_the_overall_share_where_nothing_was_blocked(tmp_path: Path, design: str) -> None:
    text = GIVEN_TEXT.replace('method = "given"', f'method = "given"\ndesign = "{design}"')
    table = allocation(assemble(tmp_path, text))
    assert table["probability"].to_list() == pytest.approx([0.4, 0.6, 0.4, 0.6, 0.6])


def test_nothing_is_registered_or_drawn(tmp_path: Path) -> None:
    archive = assemble(tmp_path)
    assert archive.registration is None
    assert archive.record is None
    assert dict(archive.returns) == {}


def test_order_of_rows_and_columns_does_not_matter(tmp_path: Path) -> None:
    assemble(tmp_path / "one")
    lines = BEFORE.splitlines(keepends=True)
    turned = [",".join(line.strip().split(",")[::-1]) + "\n" for line in lines]
    assemble(tmp_path / "two", files={"before.csv": "".join([turned[0], *turned[:0:-1]])})
    assert snapshot(tmp_path / "one" / "out") == snapshot(tmp_path / "two" / "out")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_separators_of_the_wild_are_read(tmp_path: Path, encoding: str) -> None:
    study = make_given(tmp_path)
    text = BEFORE.replace(",", ";").replace("n", "é")
    text = text.replace("regioé", "region").replace("éame", "name")
    (study / "before.csv").write_bytes(text.encode(encoding))
    archive = assemble_archive(GIVEN_TEXT, data=study, out=tmp_path / "out")
    assert allocation(archive)["stratum"].to_list()[:2] == ["é", "é"]


def test_clusters_are_units_within_the_partner(tmp_path: Path) -> None:
    archive = assemble(tmp_path, CLUSTERED, {"before.csv": PLACES, "tables/after.csv": AFTER_FEW})
    assert allocation(archive).rows() == [
        ("given/p", "", "", "offer", 0.5),
        ("given/q", "", "", "none", 0.5),
    ]
    assert archive.roster["excluded_because"].to_list() == ["", "", "", "", "no_arm"]
    assert "place" in archive.roster.columns


def test_a_cluster_with_two_arms_is_refused(tmp_path: Path) -> None:
    files = {"before.csv": PLACES.replace("2,1,p", "2,0,p"), "tables/after.csv": AFTER_FEW}
    assert "members of a village have different values of arm" in faults(tmp_path, CLUSTERED, files)


def test_a_cluster_in_two_strata_is_refused(tmp_path: Path) -> None:
    text = CLUSTERED.replace('cluster = "place"', 'cluster = "place"\nstratum = "age"')
    files = {"before.csv": PLACES, "tables/after.csv": AFTER_FEW}
    assert "members of a village have different values of age" in faults(tmp_path, text, files)


def test_partners_of_the_table_are_blocks_and_name_participants(tmp_path: Path) -> None:
    text = GIVEN_TEXT.replace('stratum = "region"', 'partner = "region"')
    archive = assemble(tmp_path, text)
    assert archive.roster["participant"].to_list()[0] == "n/1"
    assert allocation(archive)["block"].to_list() == ["n", "n", "s", "s", "s"]
    assert archive.tables["after"]["participant"].to_list() == ["n/1", "n/2", "s/3", "s/4"]


def test_codes_shared_between_partners_need_a_partner_in_every_table(tmp_path: Path) -> None:
    text = GIVEN_TEXT.replace('stratum = "region"', 'partner = "region"')
    files = {"before.csv": BEFORE.replace("3,Cy", "1,Cy")}
    assert "share codes, and this table names no partner" in faults(tmp_path / "one", text, files)
    both = text.replace(
        'file = "tables/after.csv"', 'file = "tables/after.csv"\npartner = "region"'
    )
    files["tables/after.csv"] = "id,region,bought\n1,s,1\n1,n,0\n"
    archive = assemble(tmp_path / "two", both, files)
    assert archive.tables["after"]["participant"].to_list() == ["n/1", "s/1"]


def test_strata_declared_in_the_trial_file_divide_given_units_too(tmp_path: Path) -> None:
    text = GIVEN_TEXT.replace(
        'method = "given"', 'method = "given"\nstrata = [{ by = "value", column = "region" }]'
    ).replace('stratum = "region"\n', "")
    table = allocation(assemble(tmp_path, text))
    assert table["stratum"].to_list()[:3] == ["region: n", "region: n", "region: s"]


def test_blocks_may_be_columns_of_the_table(tmp_path: Path) -> None:
    text = GIVEN_TEXT.replace('method = "given"', 'method = "given"\nblocks = ["region"]')
    table = allocation(assemble(tmp_path, text.replace('stratum = "region"\n', "")))
    assert table["block"].to_list() == ["n", "n", "s", "s", "s"]


def test_an_id_column_called_participant_is_not_doubled(tmp_path: Path) -> None:
    text = GIVEN_TEXT.replace('participant = "id"', 'participant = "participant"')
    files = {
        "before.csv": BEFORE.replace("id,", "participant,"),
        "tables/after.csv": AFTER.replace("id,", "participant,"),
    }
    archive = assemble(tmp_path, text, files)
    assert archive.tables["after"].columns == ["participant", "bought"]
    assert archive.tables["after"]["participant"].to_list()[0] == "given/1"


def test_with_one_arm_a_table_puts_everybody_in_it(tmp_path: Path) -> None:
    text = (
        GIVEN_TEXT.split("[[population.exclusions]]")[0]
        + "[[arms]]"
        + GIVEN_TEXT.split("[[arms]]", 1)[1]
    )
    second = '[[arms]]\nid = "none"\nlabel = "No offer"\ncode = "0"\nreference = true\n'
    text = text.replace(second, "").replace('code = "1"\n', "")
    text = text.replace('method = "given"', 'method = "none"')
    text = text.replace('arm = "got"\nstratum = "region"\n', "")
    table = allocation(assemble(tmp_path, text))
    assert table["arm"].to_list() == ["offer"] * 6
    assert table["probability"].to_list() == [1.0] * 6


def test_baseline_outcomes_and_their_own_columns_are_kept(tmp_path: Path) -> None:
    text = GIVEN_TEXT.replace(
        'unit = "share"',
        'unit = "share"\nbaseline = { wave = "before", '
        'derive = { from = "column", column = "insured" } }',
    )
    before = "id,insured,got,region,age\n1,0,1,n,30\n2,1,0,n,NA\n3,1,1,s,50\n4,0,0,s,20\n"
    archive = assemble(tmp_path, text, {"before.csv": before})
    assert "insured" in archive.tables["before"].columns


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"before.csv": "id,got,region\n1,1,n\n"}, "before.csv: there is no column age"),
        ({"before.csv": BEFORE.replace("2,Bob", "1,Bob")}, "before.csv, row 3: the participant is"),
        ({"before.csv": BEFORE.replace("2,Bob", ",Bob")}, "before.csv, row 3: the participant or"),
        ({"before.csv": BEFORE.replace("Bob,0", "Bob,7")}, "1 participant(s) have no arm"),
        ({"before.csv": BEFORE.replace("name", "age")}, "two columns have the same heading"),
        ({"before.csv": BEFORE + '9,"x\n'}, "before.csv: the file is not a table"),
        ({"tables/after.csv": AFTER + "77,1\n"}, "after.csv, row 6: the participant is not in"),
    ],
)
def test_faults_name_the_table_and_the_row(
    tmp_path: Path, files: Mapping[str, str], expected: str
) -> None:
    assert expected in faults(tmp_path, files=files)


def test_faults_of_several_tables_are_said_at_once(tmp_path: Path) -> None:
    files = {"before.csv": "id,got,region\n1,1,n\n", "tables/after.csv": "id\n1\n"}
    assert len(faults(tmp_path, files=files).splitlines()) == 2


def test_many_rows_with_one_fault_are_not_listed_one_by_one(tmp_path: Path) -> None:
    extra = "".join(f"{at},1\n" for at in range(100, 130))
    found = faults(tmp_path, files={"tables/after.csv": AFTER + extra}).splitlines()
    assert len(found) == 21
    assert "in 10 more rows" in found[-1]


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    study = make_given(tmp_path)
    (study / "before.csv").unlink()
    with pytest.raises(ArchiveError, match=r"before.csv: the table is not in the study folder"):
        read_given(parse_trial(GIVEN_TEXT), study)


def test_a_table_outside_the_study_is_never_read(tmp_path: Path) -> None:
    study = make_given(tmp_path)
    (tmp_path / "elsewhere.csv").write_text(BEFORE)
    (study / "before.csv").unlink()
    (study / "before.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(ArchiveError, match="outside the study folder"):
        read_given(parse_trial(GIVEN_TEXT), study)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1,Ann,1", "ann@place.example,Ann,1", "column id looks like it holds an e-mail address"),
        ("1,Ann,1", "Jane Bloggs,Ann,1", "column id looks like it holds the name of a person"),
        ("1,Ann,1,n", "1,Ann,1,07700 900123", "column region looks like it holds a telephone"),
    ],
)
def test_what_looks_personal_in_a_given_table_stays_out(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    study = make_given(tmp_path, {"before.csv": BEFORE.replace(old, new)})
    with pytest.raises(ArchiveError, match=expected) as caught:
        assemble_archive(GIVEN_TEXT, data=study, out=tmp_path / "out")
    assert "before.csv, row 2" in str(caught.value)
    assert not any(word in str(caught.value) for word in ("Bloggs", "place.example", "900123"))
