"""Act once for each form: a second press of a button changes nothing.

A page puts :func:`token` into its form's hidden field ``once``; the view acts through
:func:`guard`. Of two presses at the same moment the database's unique constraint lets one act; the
other waits for it and goes to the same place.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Receipt

FIELD = "once"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
ALREADY = "This was done the first time you pressed the button. Nothing was changed again."


def token() -> str:
    """Return a new mark for one form: 256 random bits."""
    return secrets.token_urlsafe(32)


def guard(request: HttpRequest, act: Callable[[], str], *, done: str = "") -> HttpResponseRedirect:
    """Act, unless this form was acted on before; either way go where the first time led.

    The act and its receipt share one transaction: an act that raises leaves none, so the form can
    be sent again. Do slow reading and checking before, not within, the act.

    Parameters
    ----------
    request
        The POST whose field ``once`` holds the token.
    act
        Does what the form asks and returns the address to go to.
    done
        What to tell the person when it was done, such as ``The return is signed off.``

    Raises
    ------
    InputError
        If the form has no token.
    """
    mark = _mark(request)
    with transaction.atomic():
        receipt, is_new = Receipt.objects.get_or_create(token=mark, defaults={"at": timezone.now()})
        if is_new:
            receipt.address = act()
            receipt.full_clean()
            receipt.save(update_fields=("address",))
    if not is_new:
        messages.info(request, ALREADY)
    elif done:
        messages.success(request, done)
    return HttpResponseRedirect(receipt.address)


def forget(*, before: datetime) -> int:
    """Let go of receipts of long ago; return how many went."""
    return Receipt.objects.filter(at__lt=before).delete()[0]


def _mark(request: HttpRequest) -> str:
    """Tie a token to its form and to the person, so that it spares no other form."""
    given = request.POST.get(FIELD, "")
    if not TOKEN.fullmatch(given):
        raise InputError(
            "the form came without its mark", where="this page", remedy="Open the page again"
        )
    person = request.user.pk if request.user.is_authenticated else ""
    whole = f"{given} {person} {request.path}".encode()
    return urlsafe_b64encode(hashlib.sha256(whole).digest()).decode().rstrip("=")
