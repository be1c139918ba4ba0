"""Messages as files, for trying things out: one each, whole, of every kind."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lighttouch.web.delivery.transports.base import Channel, Message, Result
from lighttouch.web.delivery.transports.file import FileTransport
from tests.web.delivery import contract


def references(folder: Path) -> list[str]:
    """The references of what was written."""
    return [one.stem for one in folder.iterdir()] if folder.is_dir() else []


def test_it_holds_to_what_every_transport_holds_to(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "sent"
    contract.check_transport(FileTransport(folder), lambda: references(folder), lambda: caplog.text)
    assert (
        sorted(one.suffix for one in folder.iterdir()) == [".eml"] * 2 + [".pdf"] * 2 + [".txt"] * 2
    )


def test_a_folder_that_cannot_be_written_to_is_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "sent"
    transport = FileTransport(folder)

    def stand_in_the_way() -> None:
        folder.touch()

    def step_aside() -> list[str]:
        folder.unlink() if folder.is_file() else None
        return references(folder)

    faults = {"a file stands there": (stand_in_the_way, Result.LATER)}
    contract.check_faults(transport, faults, step_aside, lambda: caplog.text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: contract.message_for_sian(address="a\nBcc: b@example.gov.uk"),
        lambda: replace(contract.message_for_sian(), address=("Siân", "Dudley", "DY1 1AA")),
        lambda: replace(contract.message_for_sian(Channel.TEXT), address=("07700900123",)),
        lambda: replace(contract.message_for_sian(Channel.LETTER), address="07700900123"),
    ],
    ids=["two lines", "e-mail to a house", "text to a house", "letter to a number"],
)
def test_what_it_cannot_carry_is_refused_and_not_written(
    spoil: Callable[[], Message], tmp_path: Path
) -> None:
    outcome = FileTransport(tmp_path).send(spoil())
    contract.check_outcome(outcome)
    assert outcome.result == Result.REFUSED
    assert not list(tmp_path.iterdir())


def test_a_second_handing_over_changes_nothing(tmp_path: Path) -> None:
    message = contract.message_for_sian(Channel.TEXT)
    transport = FileTransport(tmp_path)
    transport.send(message)
    assert transport.send(replace(message, text="otherwise")).result == Result.ACCEPTED
    [file] = tmp_path.iterdir()
    assert message.text in file.read_text(encoding="utf-8")
