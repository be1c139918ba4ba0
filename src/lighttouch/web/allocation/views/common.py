"""What the pages of allocation share."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import reverse

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.ui.forms import Form


def trial_of(request: ScopedRequest) -> Trial:
    """Return the trial a page is about."""
    trial = request.scope.trial
    assert trial is not None, "the address names a trial"
    return trial


def partner_of(request: ScopedRequest) -> Partner:
    """Return the partner a page is about."""
    partner = request.scope.partner
    assert partner is not None, "the address names a partner"
    return partner


def may(request: ScopedRequest, right: Right) -> bool:
    """Say whether whoever asks has another right where the page points."""
    return has_right(request.user, right, request.scope)


def address(name: str, trial: Trial) -> str:
    """Return the address of a page of a trial's allocation."""
    return reverse(f"allocation:{name}", args=[trial.slug])


def act_once(
    request: ScopedRequest, form: Form, act: Callable[[], str], *, done: str = "", field: str = ""
) -> HttpResponseBase | None:
    """Act on a form once; None where what it asks is refused, which the form then says.

    Parameters
    ----------
    field
        The field to put what is refused beside.
    """
    try:
        return once.guard(request, act, done=done)
    except LighttouchError as error:
        for fault in error.faults:
            words = f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}".strip()
            form.add_error(field or None, words)
        return None
