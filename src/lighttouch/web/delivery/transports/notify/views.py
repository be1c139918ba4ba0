"""Setting a partner's Notify service up, and the address that its receipts come to."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, public, requires
from lighttouch.web.audit import once
from lighttouch.web.delivery.transports.notify import actions
from lighttouch.web.delivery.transports.notify.forms import ServiceForm
from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.receipts import read_receipt
from lighttouch.web.delivery.transports.notify.sealing import is_from_notify, receipt_token
from lighttouch.web.programmes.models import Partner


@public
@csrf_exempt  # Notify has no form of ours; it shows a token of its own
@require_POST
def receive(request: HttpRequest, service: UUID) -> HttpResponse:
    """Take a receipt. Whoever does not show the token learns nothing."""
    found = NotifyService.objects.filter(code=service).first()
    if found is None or not is_from_notify(found, request.headers.get("Authorization", "")):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        receipt = read_receipt(request.body)
    except InputError:
        return HttpResponse(status=400)
    actions.keep_receipt(service=found, receipt=receipt, now=timezone.now())
    return HttpResponse(status=204)


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: ScopedRequest, trial: str, partner: str) -> HttpResponse:
    """Show what is set, and take the key and the templates."""
    place = _partner(request)
    service = NotifyService.objects.filter(partner=place).first()
    form = ServiceForm(request.POST or None, service=service)
    if request.method == "POST" and form.is_valid():
        try:
            return once.guard(
                request,
                lambda: _set(
                    request, place, form, reverse("delivery:notify", args=[trial, partner])
                ),
                done="Saved. Messages now go through your GOV.UK Notify service.",
            )
        except InputError as error:
            form.add_error(None, str(error))
    context = {
        "trial": request.scope.trial,
        "partner": place,
        "service": service,
        "form": form,
        "once": once.token(),
    }
    if service is not None:
        path = reverse("delivery:notify-receipt", args=[service.code])
        context["address"] = settings.SITE_URL.rstrip("/") + path
        context["token"] = receipt_token(service)
    return render(request, "delivery/notify.html", context, status=422 if form.errors else 200)


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ScopedRequest, trial: str, partner: str) -> HttpResponse:
    """Take the service away, after asking."""
    back = reverse("delivery:notify", args=[trial, partner])
    if request.method == "POST":
        actions.remove_service(partner=_partner(request), by=request.user, now=timezone.now())
        return redirect(back)
    lines = [
        "The key is deleted here at once. Delete it at GOV.UK Notify too.",
        "What was sent in the last days may stay without a receipt.",
    ]
    context = {"title": "Remove your GOV.UK Notify service?", "lines": lines, "warning": True}
    context |= {"button": "Remove it", "back": back}
    return render(request, "ui/confirm.html", context)


def _set(request: ScopedRequest, partner: Partner, form: ServiceForm, to: str) -> str:
    actions.set_service(partner=partner, **form.cleaned_data, by=request.user, now=timezone.now())
    return to


def _partner(request: ScopedRequest) -> Partner:
    assert request.scope.partner is not None
    return request.scope.partner
