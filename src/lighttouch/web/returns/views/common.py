"""What the pages of a return share: finding it, and what they all show."""

from typing import Any

from django.http import Http404
from django.urls import reverse

from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns import queries
from lighttouch.web.returns.models import Return, Version
from lighttouch.web.returns.queries import Progress

LOOKS = {
    Progress.NOT_OPEN: "waiting",
    Progress.WAITING: "waiting",
    Progress.LATE: "late",
    Progress.CHECKING: "doing",
    Progress.SENT_BACK: "wrong",
    Progress.TO_EXPLAIN: "doing",
    Progress.READY: "doing",
    Progress.SIGNED_OFF: "done",
}


def scope_of(request: ScopedRequest) -> tuple[Trial, Partner]:
    """Return the trial and partner an address names."""
    trial, partner = request.scope.trial, request.scope.partner
    assert trial is not None  # the address has both
    assert partner is not None
    return trial, partner


def find(request: ScopedRequest, wave: str) -> Return:
    """Return the return an address names, or 404."""
    trial, partner = scope_of(request)
    sent = queries.find_return(trial, partner, wave)
    if sent is None:
        raise Http404
    return sent


def find_version(request: ScopedRequest, wave: str, number: int) -> Version:
    """Return the version an address names, or 404."""
    version = queries.list_versions(find(request, wave)).filter(number=number).first()
    if version is None:
        raise Http404
    return version


def may_send(request: ScopedRequest) -> bool:
    """Say whether somebody is the partner's own coordinator, who may see codes and places."""
    return has_right(request.user, Right.SEND_RETURN, request.scope)


def address(name: str, sent: Return, **more: Any) -> str:
    """Return the address of a page about a return."""
    where = {"trial": sent.trial.slug, "partner": sent.partner.code, "wave": sent.wave}
    return reverse(f"returns:{name}", kwargs=where | more)


def wave_label(sent: Return) -> str:
    """Return what a return's wave is called."""
    return label_of(sent, sent.wave)


def label_of(sent: Return, wave: str) -> str:
    """Return what another wave of the same trial is called."""
    labels = {one.id: one.label for one in queries.waves_of(declared(sent.trial))}
    return labels.get(wave, wave)


def about(request: ScopedRequest, sent: Return) -> dict[str, Any]:
    """Return what every page of a return shows."""
    return {
        "sent": sent,
        "trial": sent.trial,
        "partner": sent.partner,
        "wave": wave_label(sent),
        "may_send": may_send(request),
        "may_manage": has_right(request.user, Right.MANAGE_RETURNS, request.scope),
    }
