"""An archive's folder as one file, and back: the same folder gives the same bytes."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from lighttouch.core.errors import ArchiveError

DATE = (1980, 1, 1, 0, 0, 0)
MODE = 0o644 << 16
LARGEST = 2 * 1024**3
MOST_FILES = 100_000


def pack(folder: Path) -> bytes:
    """Return a folder as a zip: names in order, no time, no owner."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), DATE)
            entry.external_attr, entry.compress_type = MODE, zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Write the files of a zip into a folder.

    Raises
    ------
    ArchiveError
        If it is no zip, is too large, or holds a name that leads out of the folder.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            _check(entries)
            for entry in entries:
                path = folder / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(packed.read(entry))
    except zipfile.BadZipFile as error:
        raise ArchiveError(
            "the file is no zip", remedy="Send the zip that the archive page gives"
        ) from error


def read_one(content: bytes, name: str) -> bytes | None:
    """Return one file of a packed archive; None if it is not in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        try:
            return packed.read(name)
        except KeyError:
            return None


def list_names(content: bytes) -> list[str]:
    """Return the names of the files in a packed archive, in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return sorted(packed.namelist())


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if sum(entry.file_size for entry in entries) > LARGEST or len(entries) > MOST_FILES:
        raise ArchiveError(
            "the archive is too large to be taken in here",
            remedy="Import it on the server: lighttouch archive import FOLDER",
        )
    for entry in entries:
        name = PurePosixPath(entry.filename)
        if name.is_absolute() or ".." in name.parts or "\\" in entry.filename:
            raise ArchiveError(
                "the zip holds a name that leads out of its folder",
                remedy="Send the zip that the archive page gives",
            )
