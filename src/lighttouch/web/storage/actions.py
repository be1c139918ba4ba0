"""Keep a file, and let go of it."""

import hashlib
from datetime import datetime

from django.db import models

from lighttouch.web.storage.models import StoredFile


def keep(content: bytes, *, now: datetime) -> StoredFile:
    """Keep a file's bytes, once; call inside the transaction of the act that needs them.

    Examples
    --------
    Two uploads of one file share a row::

        keep(b"x", now=now) == keep(b"x", now=now)
    """
    sha256 = hashlib.sha256(content).hexdigest()
    stored, _ = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": len(content), "content": content, "created_at": now}
    )
    return stored


def let_go(file_id: int) -> bool:
    """Delete a file that nothing refers to any more; say whether it went."""
    try:
        deleted, _ = StoredFile.objects.filter(pk=file_id).delete()
    except models.ProtectedError:
        return False
    return deleted > 0
