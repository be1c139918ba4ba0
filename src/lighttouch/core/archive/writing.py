"""Folders that appear whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lighttouch.core.archive.layout import MANIFEST, RESULTS
from lighttouch.core.errors import ArchiveError

OURS = (MANIFEST, RESULTS, "report.html")
"""A folder holding one of these was written by us, and may be replaced when asked."""

_FOLDER_MODE = 0o755


@contextmanager
def whole_or_nothing(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its name when the block ends well.

    If the block fails, nothing is left behind and what was at ``path`` is untouched.

    Parameters
    ----------
    path
        The folder to be; its parents are made.
    replace
        Whether an archive or report already there may be replaced. An empty folder always may.

    Raises
    ------
    ArchiveError
        If there is something at ``path`` that may not be replaced; said before any work is done.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     with whole_or_nothing(Path(scratch) / "archive") as folder:
    ...         _ = (folder / "a.txt").write_text("x")
    ...     sorted(entry.name for entry in Path(scratch).rglob("*"))
    ['a.txt', 'archive']
    """
    _refuse(path, replace=replace)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:  # it names the temporary folder, of which nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        yield temporary
        temporary.chmod(_FOLDER_MODE)
        _refuse(path, replace=replace)
        _put_in_place(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _refuse(path: Path, *, replace: bool) -> None:
    if path.is_dir():
        if not any(path.iterdir()):
            return
        ours = any((path / name).is_file() for name in OURS)
        if replace and ours:
            return
        what = "there is an archive or report here already" if ours else "the folder is not empty"
        remedy = "Name another folder, or run again with --replace" if ours else "Name another"
        raise ArchiveError(what, where=str(path), remedy=remedy)
    if path.exists() or path.is_symlink():
        raise ArchiveError("there is a file of this name", where=str(path), remedy="Name another")


def _put_in_place(temporary: Path, path: Path) -> None:
    """Rename into place; an older folder is set aside first and brought back if that fails."""
    if not path.exists():
        temporary.rename(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent))
    aside.rmdir()
    path.rename(aside)
    try:
        temporary.rename(path)
    except BaseException:
        aside.rename(path)
        raise
    shutil.rmtree(aside, ignore_errors=True)
