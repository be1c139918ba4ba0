"""What is registered is frozen, fingerprinted, time-stamped, and never written over."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from protocol_cases import edit

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol import placing, registering
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.registering import (
    Amendment,
    RegistrationRecord,
    amend_trial,
    commit_secret,
    parse_record,
    prepare_amendment,
    prepare_registration,
    read_registration,
    read_text_in_force,
    register_trial,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
SECRET = bytes(range(32))
TEXT = library_text("letters")
LONGER = edit("letters", ('due = "12 weeks"', 'due = "14 weeks"'))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    register_trial(TEXT, folder=folder, secret=SECRET, now=NOW)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_registering_writes_the_file_the_record_the_text_and_the_secret(study: Path) -> None:
    written = contents(study)
    assert sorted(written) == [
        "protocol/preregistration.md",
        "protocol/registered.toml",
        "protocol/registration.toml",
        "secret.key",
    ]
    assert written["protocol/registered.toml"].decode() == TEXT
    assert bytes.fromhex(written["secret.key"].decode()) == SECRET


def test_the_record_says_what_was_registered_and_when(study: Path) -> None:
    assert read_registration(study) == RegistrationRecord(
        trial_id="letters",
        protocol_sha256=protocol_sha256(TEXT),
        secret_commitment=commit_secret(SECRET),
        registered_at="2026-03-02T09:30:00+00:00",
    )


def test_the_secret_is_readable_by_its_owner_alone(study: Path) -> None:
    assert stat.S_IMODE((study / "secret.key").stat().st_mode) == 0o600


def test_the_secret_is_nowhere_but_in_its_own_file(study: Path) -> None:
    for name, content in contents(study).items():
        assert (SECRET.hex().encode() in content) == (name == "secret.key")


def test_the_commitment_is_the_hash_of_the_secret() -> None:
    # SHA-256 of "abc", from the standard that defines it (FIPS 180-4)
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert commit_secret(b"abc") == digest
    assert protocol_sha256("abc") == digest


def test_a_fingerprint_ignores_line_endings_and_nothing_else() -> None:
    assert (
        len({protocol_sha256(t) for t in ("a\nb\n", "a\r\nb\r\n", "a\rb\r", "\ufeffa\nb\n")}) == 1
    )
    assert protocol_sha256("a\nb\n") != protocol_sha256("a\nb")


def test_a_registered_study_is_never_overwritten(study: Path) -> None:
    before = contents(study)
    with pytest.raises(ProtocolError, match="never overwritten"):
        register_trial(LONGER, folder=study, secret=bytes(32), now=LATER)
    assert contents(study) == before


def test_a_secret_without_registration_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("mine")
    with pytest.raises(ProtocolError, match="a secret without a registration"):
        register_trial(TEXT, folder=tmp_path, secret=SECRET, now=NOW)
    assert contents(tmp_path) == {"secret.key": b"mine"}


def test_an_invalid_file_registers_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="line 1"):
        register_trial("version = 2", folder=tmp_path / "study", secret=SECRET, now=NOW)
    assert not (tmp_path / "study").exists()


def test_a_guessable_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="too short"):
        register_trial(TEXT, folder=tmp_path, secret=bytes(15), now=NOW)


def test_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no zone"):
        register_trial(TEXT, folder=tmp_path, secret=SECRET, now=NOW.replace(tzinfo=None))


def test_nothing_stays_behind_when_the_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_temporary: Path, _folder: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(placing, "_rename_folder", fail)
    with pytest.raises(OSError, match="full"):
        register_trial(TEXT, folder=tmp_path, secret=SECRET, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_rival_registration_that_wins_the_race_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "_refuse_registered", lambda _folder: None)
    (tmp_path / "protocol").mkdir()
    (tmp_path / "protocol" / "registered.toml").write_text("rival")
    with pytest.raises(ProtocolError, match="folder exists"):
        register_trial(TEXT, folder=tmp_path, secret=SECRET, now=NOW)
    assert contents(tmp_path) == {"protocol/registered.toml": b"rival"}


def test_an_amendment_is_numbered_and_keeps_what_was_registered(study: Path) -> None:
    reason = 'A partner asked for "two weeks more"\tand\x7fgot them '
    record = amend_trial(LONGER, folder=study, now=LATER, reason=reason)
    assert record.amendments == (
        Amendment(1, protocol_sha256(LONGER), "2026-04-01T12:00:00+00:00", reason.strip()),
    )
    assert read_registration(study) == record
    assert (study / "protocol" / "registered.toml").read_text() == TEXT
    assert (study / "protocol" / "amendment-01.toml").read_text() == LONGER


def test_the_trial_in_force_is_the_last_amendment(study: Path) -> None:
    assert read_text_in_force(study) == TEXT
    amend_trial(LONGER, folder=study, now=LATER, reason="Later")
    assert read_text_in_force(study) == LONGER
    amend_trial(TEXT, folder=study, now=LATER, reason="Back again")
    assert read_text_in_force(study) == TEXT
    assert [a.number for a in read_registration(study).amendments] == [1, 2]


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        (library_text("coffee"), "Another trial", "is of the trial letters"),
        (LONGER, "  ", "needs a reason"),
        (TEXT.replace("\n", "\r\n"), "Line endings", "nothing differs"),
        ("version = 1", "Broken", "line 1"),
    ],
)
def test_an_amendment_that_amends_nothing_is_refused(
    text: str, reason: str, words: str, study: Path
) -> None:
    before = contents(study)
    with pytest.raises(ProtocolError, match=words):
        amend_trial(text, folder=study, now=LATER, reason=reason)
    assert contents(study) == before


def test_the_same_amendment_twice_is_refused(study: Path) -> None:
    amend_trial(LONGER, folder=study, now=LATER, reason="Later")
    with pytest.raises(ProtocolError, match="nothing differs"):
        amend_trial(LONGER, folder=study, now=LATER, reason="Later")


def test_an_amendment_file_nobody_recorded_is_not_overwritten(study: Path) -> None:
    (study / "protocol" / "amendment-01.toml").write_text("mine")
    with pytest.raises(ProtocolError, match="never overwritten"):
        amend_trial(LONGER, folder=study, now=LATER, reason="Later")
    assert (study / "protocol" / "amendment-01.toml").read_text() == "mine"
    assert read_registration(study).amendments == ()


def test_a_folder_without_registration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no trial is registered here"):
        read_registration(tmp_path)


@pytest.mark.parametrize("name", ["registered.toml", "amendment-01.toml"])
def test_an_altered_or_missing_file_is_found_out(name: str, study: Path) -> None:
    amend_trial(LONGER, folder=study, now=LATER, reason="Later")
    path = study / "protocol" / name
    path.write_text(path.read_text() + "# a word more\n")
    with pytest.raises(ProtocolError, match="altered after its registration"):
        read_text_in_force(study)
    path.unlink()
    with pytest.raises(ProtocolError, match="a registered file is missing"):
        read_registration(study)


@pytest.mark.parametrize(
    "content", [b"= 1", b"\xff", b"trial_id = 1", b'trial_id = "x"\namendments = 3', b""]
)
def test_a_spoilt_record_is_named(content: bytes, study: Path) -> None:
    (study / "protocol" / "registration.toml").write_bytes(content)
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_registration(study)


def test_prepared_files_are_those_that_registering_and_amending_write(study: Path) -> None:
    prepared = prepare_registration(TEXT, secret=SECRET, now=NOW)
    amended = prepare_amendment(prepared.record, LONGER, now=LATER, reason=" Late returns. ")
    amend_trial(LONGER, folder=study, now=LATER, reason=" Late returns. ")
    written = {n: c for n, c in contents(study).items() if n != "secret.key"}
    kept = {**prepared.files, **amended.files}
    assert {f"protocol/{name}": text.encode() for name, text in kept.items()} == written


def test_prepared_files_hold_no_secret() -> None:
    files = prepare_registration(TEXT, secret=SECRET, now=NOW).files
    assert not any(SECRET.hex() in text for text in files.values())


def test_a_record_reads_back_as_it_was() -> None:
    prepared = prepare_registration(TEXT, secret=SECRET, now=NOW)
    amended = prepare_amendment(prepared.record, LONGER, now=LATER, reason='A "why".')
    assert parse_record(amended.files["registration.toml"]) == amended.record
