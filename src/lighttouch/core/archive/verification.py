"""The manifest: which files an archive holds and what is in them, to the byte."""

import hashlib
import tomllib
from pathlib import Path

from lighttouch import __version__
from lighttouch.core.archive.layout import MANIFEST, REPORT, RESULTS
from lighttouch.core.archive.records import quote
from lighttouch.core.errors import ArchiveError, Fault

SCHEMA = 1
"""Version of the archive's layout."""


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(folder: Path, *, results: bool = False) -> None:
    """Write ``MANIFEST.toml`` over everything in the folder.

    Results and report are left out unless asked for: they can be made again from the rest.

    Parameters
    ----------
    folder
        The archive.
    results
        Whether ``results.json`` is covered too.
    """
    names = [name for name in _list_files(folder) if results or name != RESULTS]
    lines = [
        f"schema = {SCHEMA}",
        f"software = {quote(f'lighttouch {__version__}')}",
        "",
        "[sha256]",
        *(f"{quote(name)} = {quote(file_sha256(folder / name))}" for name in names),
    ]
    (folder / MANIFEST).write_bytes(("\n".join(lines) + "\n").encode())


def check_manifest(folder: Path) -> None:
    """Check every file of an archive against its manifest.

    ``results.json`` and the report may be there without being listed.

    Raises
    ------
    ArchiveError
        If there is no readable manifest, its schema is another, or any file is missing, altered
        or not listed; every such file is named.
    """
    listed = _read_manifest(folder)
    present = _list_files(folder)
    faults = []
    for name, sha256 in sorted(listed.items()):
        if name not in present:
            faults.append(Fault("the file is missing", name, "Restore it from a copy"))
        elif file_sha256(folder / name) != sha256:
            faults.append(Fault("the file was altered", name, "Restore it from a copy"))
    faults += [
        Fault("the file is not in the manifest", name, "Take it out of the archive")
        for name in present
        if name not in listed and name != RESULTS
    ]
    if faults:
        raise ArchiveError(faults)


def _read_manifest(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    if not path.is_file():
        raise ArchiveError(
            "this is not an archive: it has no manifest",
            where=str(folder),
            remedy="Name the folder that lighttouch run wrote",
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        schema, listed = data["schema"], dict(data["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            "the manifest cannot be read", where=MANIFEST, remedy="Restore it from a copy"
        ) from error
    if schema != SCHEMA:
        raise ArchiveError(
            f"the archive has layout {schema}; this version reads {SCHEMA}",
            where=MANIFEST,
            remedy="Use the version of the software that the manifest names",
        )
    return listed


def _list_files(folder: Path) -> list[str]:
    """Return every file but the manifest and the report, as relative names in order."""
    names = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return sorted(
        name.as_posix() for name in names if name.as_posix() != MANIFEST and name.parts[0] != REPORT
    )
