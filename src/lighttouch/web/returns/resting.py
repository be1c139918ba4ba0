"""Somewhere for a file to be while it is read: in memory, under a path, and gone afterwards.

The core reads paths. Where the system can give bytes in memory a path (Linux), a file that may
hold names is never written to a disk: what is there is a link to the memory of this process,
which means nothing once the process is gone, however it went.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "lighttouch-return-"
LEFT_OVER_AFTER = 3600.0


@contextmanager
def resting(content: bytes, suffix: str) -> Iterator[Path]:
    """Give bytes a path for as long as the block lasts.

    Parameters
    ----------
    content
        The bytes.
    suffix
        What the path ends in, such as ``.xlsx``; the rest of it is ours.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    path = folder / f"return{suffix}"
    held: int | None = None
    try:
        if hasattr(os, "memfd_create"):
            held = os.memfd_create("return")
            _write(held, content)
            path.symlink_to(f"/proc/self/fd/{held}")
        else:
            path.write_bytes(content)
        yield path
    finally:
        if held is not None:
            os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Give a folder of this process's own for a file to be written to, then remove it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(before: float | None = None) -> int:
    """Remove what killed processes left behind on this machine; return how many folders.

    Parameters
    ----------
    before
        Seconds since the epoch; folders last changed later are in use. An hour ago if not given.
    """
    limit = time.time() - LEFT_OVER_AFTER if before is None else before
    gone = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            old = folder.lstat().st_mtime < limit
        except FileNotFoundError:  # somebody else is done with it
            continue
        if old:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
