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
        _name_new(temporary, path)
    except FileExistsError as error:
        raise ProtocolError(
            "the file exists and is never overwritten",
            where=str(path),
            remedy="Name another file, or move this one away if nothing needs it",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _name_new(temporary: Path, path: Path) -> None:
    """Give the file its name; unlike a bare rename, this fails where the name is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # memory sticks and some shared drives have no links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        temporary.replace(path)


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
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:  # it names the temporary file, of which nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)
