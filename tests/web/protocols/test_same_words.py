"""The site and the command line say the same of the same file."""

from pathlib import Path

import pytest

from lighttouch.cli import protocol
from lighttouch.cli.support import show_faults
from lighttouch.core.errors import LighttouchError
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.web.protocols.convert import SOURCE, check_text, place_fault
from tests.web.protocols.cases import edit

LETTERS = library_text("letters")
SPOILT = {
    "a misspelt wave": edit(LETTERS, ('wave = "endline"', 'wave = "endlin"')),
    "an unknown key": LETTERS + "\n[colour]\nred = 1\n",
    "a missing table": edit(LETTERS, ("[retention]", "[registration.x]")),
    "no TOML": LETTERS + "\n[[[\n",
    "a value without quotation marks": edit(LETTERS, ('id = "letters"', "id = letters")),
    "an unknown questionnaire": edit(
        LETTERS, ('questionnaire = "letters"', 'questionnaire = "lettres"')
    ),
    "an unknown instrument": edit(LETTERS, ('instrument = "burnout"', 'instrument = "burn"')),
    "a score that is not one": edit(
        LETTERS, ('instrument = "burnout"', 'instrument = "social_ties"')
    ),
    "two faults": edit(LETTERS, ("version = 1", "version = 2"), ('status = "full"', "status = 1")),
    "nothing but a comment": "# nothing\n",
    "a key of many parts": "a." * 50 + "a = 1\n",
    "a nest": "a = " + "[" * 2000 + "]" * 2000 + "\n",
}


@pytest.mark.parametrize("name", SPOILT)
def test_faults_are_those_of_the_command_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / SOURCE
    path.write_text(SPOILT[name], encoding="utf-8")
    with pytest.raises(LighttouchError) as caught:
        protocol.check(str(path))
    show_faults(caught.value)
    shown = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert shown == [f"error: {fault}" for fault in check_text(SPOILT[name]).faults]
    assert shown


@pytest.mark.parametrize("name", SPOILT)
def test_every_fault_has_a_line_of_the_file_to_go_to(name: str) -> None:
    lines = SPOILT[name].count("\n") + 1
    for fault in check_text(SPOILT[name]).faults:
        placed = place_fault(fault)
        assert placed.line is not None
        assert 1 <= placed.line <= lines
        assert placed.sentence == str(fault)


@pytest.mark.parametrize("name", library_names())
def test_outline_and_cautions_are_those_of_the_command_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / SOURCE
    path.write_text(library_text(name), encoding="utf-8")
    protocol.check(str(path))
    said = capsys.readouterr().out.splitlines()
    checked = check_text(library_text(name))
    assert said[:-1] == [*checked.outline, *(f"caution: {one}" for one in checked.cautions)]
