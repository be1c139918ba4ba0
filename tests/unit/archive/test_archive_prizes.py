"""A recorded draw of prizes replays, and whatever was altered is named."""

from dataclasses import replace
from pathlib import Path

import pytest
from archive_cases import NOW, SECRET, TRIAL_TEXT, make_study
from typer.testing import CliRunner

from lighttouch.cli.main import app
from lighttouch.core.allocation.seeding import GENERATOR
from lighttouch.core.archive.allocating import allocate_study
from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.prizes import (
    PrizeRecord,
    entries_path,
    parse_prize_record,
    record_path,
    render_prize_record,
    verify_prizes,
    waves_with_prizes,
)
from lighttouch.core.errors import ArchiveError
from lighttouch.core.prizes.drawing import (
    ALGORITHM,
    draw_winners,
    entries_bytes,
    entries_sha256,
)
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.registering import (
    RegistrationRecord,
    amend_trial,
    commit_secret,
    read_registration,
    register_trial,
)

WAVE = "baseline"
ENTRIES = tuple(f"dudley/T{number:03d}" for number in range(1, 9))
PRIZE_SECRET = bytes(reversed(range(32)))


def drawn(folder: Path) -> PrizeRecord:
    """Register the letters trial and draw its baseline's prizes."""
    registered = register_trial(library_text("letters"), folder=folder, secret=SECRET, now=NOW)
    return draw(folder, registered)


def draw(folder: Path, registered: RegistrationRecord) -> PrizeRecord:
    """Draw the baseline's prizes of a study."""
    record = PrizeRecord(
        algorithm=ALGORITHM,
        generator=GENERATOR,
        wave=WAVE,
        rule="team_complete",
        worth="vouchers worth £140 for the team",
        number=1,
        smallest_team=5,
        secret=PRIZE_SECRET.hex(),
        commitment=commit_secret(PRIZE_SECRET),
        committed_at=NOW.isoformat(),
        protocol_sha256=registered.protocol_sha256,
        entries_sha256=entries_sha256(ENTRIES),
        entries=len(ENTRIES),
        by="user 2",
        at=NOW.isoformat(),
        winners=draw_winners(
            ENTRIES, 1, secret=PRIZE_SECRET, protocol_sha256=registered.protocol_sha256
        ),
    )
    (folder / "prizes").mkdir()
    (folder / entries_path(WAVE)).write_bytes(entries_bytes(ENTRIES))
    write(folder, record)
    return record


def write(folder: Path, record: PrizeRecord) -> None:
    (folder / record_path(WAVE)).write_text(render_prize_record(record), encoding="utf-8")


def faults(folder: Path) -> list[str]:
    return [one.what for one in verify_prizes(folder, WAVE).mismatches]


def test_untouched_draw_is_confirmed_line_by_line(tmp_path: Path) -> None:
    record = drawn(tmp_path)
    result = verify_prizes(tmp_path, WAVE)
    assert result.confirmed
    assert len(result.lines) == 6
    assert "Drawing again gives the recorded winners among 8 entries." in result.lines
    assert waves_with_prizes(tmp_path) == [WAVE]
    assert parse_prize_record(render_prize_record(record), "x") == record


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"wave": "endline"}, "another wave"),
        ({"commitment": "0" * 64}, "not the one committed to"),
        ({"secret": "not hexadecimal"}, "not the one committed to"),
        ({"secret": bytes(32).hex()}, "does not give the recorded winners"),
        ({"protocol_sha256": "0" * 64}, "another trial file"),
        ({"entries_sha256": "0" * 64}, "entries was altered"),
        ({"entries": 9}, "does not give the recorded winners"),
        ({"winners": ()}, "does not give the recorded winners"),
        ({"algorithm": "another"}, "does not give the recorded winners"),
        ({"generator": "another"}, "does not give the recorded winners"),
        ({"number": 2}, "not those the trial file declares"),
        ({"worth": "a yacht"}, "not those the trial file declares"),
        ({"smallest_team": 3}, "not those the trial file declares"),
    ],
)
def test_what_was_altered_in_the_record_is_named(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    write(tmp_path, replace(drawn(tmp_path), **change))  # type: ignore[arg-type]
    assert any(named in one for one in faults(tmp_path))


@pytest.mark.parametrize("content", [entries_bytes(ENTRIES[1:]), b"entry\nb\na\n"])
def test_altered_list_of_entries_is_named(tmp_path: Path, content: bytes) -> None:
    drawn(tmp_path)
    (tmp_path / entries_path(WAVE)).write_bytes(content)
    assert faults(tmp_path) == [
        "the list of entries was altered after the draw",
        "drawing again does not give the recorded winners",
    ]


def test_prizes_declared_by_an_amendment_are_declared(tmp_path: Path) -> None:
    record = drawn(tmp_path)
    text = library_text("letters").replace("number = 1\n", "number = 2\n")
    amend_trial(text, folder=tmp_path, now=NOW, reason="Another prize was given.")
    winners = draw_winners(ENTRIES, 2, secret=PRIZE_SECRET, protocol_sha256=record.protocol_sha256)
    write(tmp_path, replace(record, number=2, winners=winners))
    assert faults(tmp_path) == []


def test_missing_list_or_registration_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    drawn(tmp_path)
    (tmp_path / entries_path(WAVE)).unlink()
    assert faults(tmp_path) == ["the record of the prizes or its entries cannot be read"]
    (tmp_path / entries_path(WAVE)).write_bytes(entries_bytes(ENTRIES))
    (tmp_path / "protocol" / "registration.toml").unlink()
    assert faults(tmp_path) == ["no trial is registered here"]


@pytest.mark.parametrize("text", ["x", 'wave = "baseline"', "winners = 1"])
def test_record_that_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ArchiveError, match="not complete"):
        parse_prize_record(text, "prizes/baseline.toml")


def test_record_with_a_garbled_winner_is_refused(tmp_path: Path) -> None:
    text = render_prize_record(drawn(tmp_path)).replace("place = ", "plaice = ")
    with pytest.raises(ArchiveError, match="not complete"):
        parse_prize_record(text, "prizes/baseline.toml")


WITH_PRIZE = TRIAL_TEXT.replace(
    'label = "Baseline"\n',
    """label = "Baseline"

[waves.survey]
questionnaire = "letters"
opens = "-4 weeks"
closes = "-1 week"
incentive = "Vouchers"

[waves.survey.prize]
rule = "team_complete"
number = 1
worth = "vouchers worth £140 for the team"
smallest_team = 5

[waves.return]
starts = "-12 months"
ends = "0 days"
due = "2 weeks"
""",
).replace(
    'due = "2 weeks"\nreturn = { starts = "-12 months", ends = "0 days", due = "2 weeks" }\n',
    'due = "2 weeks"\n',
)


def test_archive_holds_the_draw_and_refuses_an_altered_one(tmp_path: Path) -> None:
    study = make_study(tmp_path, WITH_PRIZE)
    allocate_study(study, by="trial manager", now=NOW)
    record = draw(study, read_registration(study))
    assemble_archive(WITH_PRIZE, data=study, out=tmp_path / "archive")
    assert verify_prizes(tmp_path / "archive", WAVE).confirmed
    said = CliRunner().invoke(app, ["verify", str(tmp_path / "archive")])
    assert said.exit_code == 0
    assert "Drawing again gives the recorded winners among 8 entries." in said.output
    write(study, replace(record, winners=()))
    with pytest.raises(ArchiveError, match="does not give the recorded winners"):
        assemble_archive(WITH_PRIZE, data=study, out=tmp_path / "again")
    assert not (tmp_path / "again").exists()
