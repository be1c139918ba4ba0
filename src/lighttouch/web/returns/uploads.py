"""Taking a file from a browser: held in memory, counted as it comes, refused when too large."""

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from lighttouch.web.accounts.permissions import View

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
        return protected(request, *args, **kwargs)

    return cast("View", taking)


def too_large(request: HttpRequest) -> HttpResponseBase:
    """Say that a file is too large, and what to do."""
    most = settings.LARGEST_UPLOAD // 2**20
    return render(
        request, "returns/too_large.html", {"most": most, "back": request.path}, status=413
    )


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
