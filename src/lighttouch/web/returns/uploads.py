"""Taking a file from a browser: held in memory, counted as it comes, refused when too large."""

import errno
import logging
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from lighttouch.web.accounts.permissions import View

logger = logging.getLogger("lighttouch.web.returns")

_DISK_FULL = "53100"
"""What PostgreSQL calls it."""

NOT_WORTH_READING = 20
"""So many times the largest upload are read and thrown away, so that the browser hears why."""


class HeldInMemory(FileUploadHandler):
    """Keep an upload in memory alone, and drop it as soon as it is larger than allowed."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.too_large = False
        self._file = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Keep a piece, unless the whole has become too large."""
        if start + len(raw_data) > settings.LARGEST_UPLOAD:
            self.too_large = True
            self._file = BytesIO()
            raise SkipFile
        self._file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """Hand the file over."""
        self._file.seek(0)
        return InMemoryUploadedFile(
            file=self._file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def takes_file(view: View) -> View:
    """Let a view take a file through :class:`HeldInMemory`; answer 413 where it is too large.

    Put it below ``requires``: nothing is read from somebody who may not send anything. The check
    against forged forms runs here, since it must read the form and so must come after the
    handler is set.
    """
    protected = cast("Callable[..., HttpResponseBase]", csrf_protect(view))

    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return protected(request, *args, **kwargs)
        if _declared_length(request) > NOT_WORTH_READING * settings.LARGEST_UPLOAD:
            return too_large(request)
        handler = HeldInMemory(request)
        request.upload_handlers = [handler]
        _ = request.FILES  # reads the whole form
        if handler.too_large:
            return too_large(request)
        try:
            return protected(request, *args, **kwargs)
        except (OSError, DatabaseError) as error:
            if not is_full(error):
                raise
            logger.exception("no room is left on a disk")
            return render(request, "returns/no_room.html", status=507)

    return cast("View", taking)


def too_large(request: HttpRequest) -> HttpResponseBase:
    """Say that a file is too large, and what to do."""
    return render(request, "ui/too_large.html", status=413)


def is_full(error: BaseException) -> bool:
    """Say whether an error means that a disk, the database's or our own, has no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = error.__cause__
    return getattr(cause, "sqlstate", "") == _DISK_FULL or "disk is full" in str(error)


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
