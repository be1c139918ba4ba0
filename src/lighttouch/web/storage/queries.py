"""Read a file back, checked."""

import hashlib

from lighttouch.core.errors import ArchiveError
from lighttouch.web.storage.models import StoredFile


def read_bytes(stored: StoredFile) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    ArchiveError
        If they are not those that were kept.
    """
    content = bytes(stored.content)
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise ArchiveError(
            "a stored file was altered",
            where=f"file {stored.sha256[:12]}",
            remedy="Restore the database from a backup",
        )
    return content
