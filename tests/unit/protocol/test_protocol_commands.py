"""The commands on trial files do what they say and refuse what they must."""

import json
from pathlib import Path

import pytest
from protocol_cases import edit

from lighttouch.cli import protocol
from lighttouch.core.errors import InputError, ProtocolError
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.registering import read_registration, read_text_in_force

Said = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", library_names())
def test_new_copies_a_file_of_the_library_that_check_accepts(
    name: str, tmp_path: Path, capsys: Said
) -> None:
    path = tmp_path / "trial.toml"
    protocol.new(name, path)
    assert path.read_text(encoding="utf-8") == library_text(name)
    protocol.check(str(path))
    assert "The trial file is valid." in capsys.readouterr().out


def test_new_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text("mine")
    with pytest.raises(ProtocolError, match="never overwritten"):
        protocol.new("letters", path)
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["trial.toml"]


def test_check_says_what_the_trial_declares_and_its_cautions(capsys: Said) -> None:
    protocol.check("coffee")
    said = capsys.readouterr().out
    assert "Arms:     Coffee and tea, Control (reference)" in said
    assert "Unit:     building (drawn)" in said
    assert "Partners: 1, and 1 lost or cancelled" in said
    assert "Wave:     Interim, three months after launch (return)" in said
    assert "Outcome:  Burnout (exploratory, endline)" in said
    assert "caution: power[0]: with 13 clusters" in said


def test_check_names_instruments_that_the_library_lacks(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(edit("letters", ('instrument = "burnout"', 'instrument = "burnt"')))
    with pytest.raises(ProtocolError, match="Did you mean burnout"):
        protocol.check(str(path))


def test_check_names_scores_that_an_instrument_lacks_at_their_line(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(edit("gratitude", ('subscale = "prosocial"', 'subscale = "social"')))
    with pytest.raises(ProtocolError, match="subscale") as raised:
        protocol.check(str(path))
    source, line, _ = raised.value.faults[0].where.split(", ")
    number = int(line.removeprefix("line "))
    assert source == "trial.toml"
    assert 'subscale = "social"' in path.read_text().splitlines()[number - 1]


def test_check_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        protocol.check(str(tmp_path / "none.toml"))


def test_register_amend_and_compare_follow_one_another(tmp_path: Path, capsys: Said) -> None:
    study, path = tmp_path / "study", tmp_path / "later.toml"
    protocol.register("letters", study)
    record = read_registration(study)
    assert record.protocol_sha256 in capsys.readouterr().out
    secret = bytes.fromhex((study / "secret.key").read_text())
    assert len(secret) == 32
    changed = edit("letters", ('due = "12 weeks"', 'due = "14 weeks"'))
    path.write_text(changed, encoding="utf-8")
    protocol.amend(str(path), study, "A partner needs longer")
    said = capsys.readouterr().out
    assert 'waves.endline.return.due changed from "12 weeks" to "14 weeks".' in said
    assert read_text_in_force(study) == changed
    protocol.compare(str(study / "protocol" / "registered.toml"), str(path))
    assert capsys.readouterr().out.startswith("- waves.endline.return.due changed")
    protocol.compare("letters", "letters")
    assert "declare the same trial" in capsys.readouterr().out


def test_two_registrations_have_different_secrets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        protocol.register("letters", tmp_path / name)
    first, second = ((tmp_path / n / "secret.key").read_text() for n in ("one", "two"))
    assert first != second


def test_schema_prints_json_or_writes_it_to_a_new_file(tmp_path: Path, capsys: Said) -> None:
    protocol.schema()
    printed = json.loads(capsys.readouterr().out)
    assert printed["title"] == "Lighttouch trial file"
    path = tmp_path / "trial.schema.json"
    protocol.schema(path)
    assert json.loads(path.read_text(encoding="utf-8")) == printed
    with pytest.raises(ProtocolError, match="never overwritten"):
        protocol.schema(path)
