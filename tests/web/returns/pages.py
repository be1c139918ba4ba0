"""Pages as a browser without JavaScript asks for them."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lighttouch.web.audit import once
from tests.web.returns import cases

DUDLEY = {"trial": "letters", "partner": "dudley"}
BASELINE = DUDLEY | {"wave": "baseline"}


def at(name: str, **more: Any) -> str:
    """Address of a page about Dudley's baseline."""
    return reverse(f"returns:{name}", kwargs=BASELINE | more)


def upload(
    client: Client,
    content: bytes | None = None,
    *,
    name: str = "return.xlsx",
    after: int = 0,
    token: str = "",
    follow: bool = True,
) -> Any:
    """Send a file through the form."""
    content = cases.good_file() if content is None else content
    data = {
        "file": SimpleUploadedFile(name, content),
        "after": after,
        "once": token or once.token(),
    }
    return client.post(at("send"), data, follow=follow)


def press(client: Client, name: str, *, number: int | None = None, **fields: Any) -> Any:
    """Send a form and follow where it leads."""
    where = {} if number is None else {"number": number}
    return client.post(at(name, **where), {"once": once.token()} | fields, follow=True)


def text(answer: Any) -> str:
    """The words of a page, without its tags."""
    html = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
