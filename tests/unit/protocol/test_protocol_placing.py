"""Files appear whole, once, and a fault names the file that was asked for."""

import os
from pathlib import Path

import pytest

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol.placing import place_new


def test_a_folder_that_is_not_there_is_named_and_not_a_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "trial.toml"
    with pytest.raises(FileNotFoundError) as caught:
        place_new(b"x", path)
    assert caught.value.filename == str(path)


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        place_new(b"x", tmp_path / "trial.toml")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_links_is_written_to_and_still_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_source: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "trial.toml"
    place_new(b"first", path)
    with pytest.raises(ProtocolError, match="never overwritten"):
        place_new(b"second", path)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
