"""Writing files whole or not at all, and never over one that must stay as it is."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lighttouch.core.errors import ProtocolError

OPEN_MODE = 0o644
OWNER_MODE = 0o600
_FOLDER_MODE = 0o755


def place_new(content: bytes, path: Path, *, mode: int = OPEN_MODE) -> None:
    """Write a file that must not exist; it appears whole, with these permissions.

    Raises
    ------
    ProtocolError
        If the file exists.
    """
    temporary = _write_beside(content, path, mode)
    try:
        os.link(temporary, path)  # unlike a rename, this fails where the file exists
    except FileExistsError as error:
        raise ProtocolError(
            "the file exists and is never overwritten",
            where=str(path),
            remedy="Name another file, or move this one away if nothing needs it",
        ) from error
    finally:
        temporary.unlink()


def replace_file(content: bytes, path: Path) -> None:
    """Write a file in place of the one that is there, all at once."""
    _write_beside(content, path, OPEN_MODE).replace(path)


def place_folder(files: Mapping[str, str], folder: Path) -> None:
    """Write text files into a new folder, which appears when all of them are there.

    Raises
    ------
    ProtocolError
        If a folder with anything in it is there already.
    """
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            place_new(text.encode(), temporary / name)
        temporary.chmod(_FOLDER_MODE)
        _rename_folder(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary)
        raise


def _rename_folder(temporary: Path, folder: Path) -> None:
    try:
        temporary.rename(folder)
    except OSError as error:
        raise ProtocolError(
            "the folder exists and is never overwritten",
            where=str(folder),
            remedy="Name another folder",
        ) from error


def _write_beside(content: bytes, path: Path, mode: int) -> Path:
    """Write a temporary file in the same folder and make sure that it has reached the disk."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
