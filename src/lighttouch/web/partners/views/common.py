"""What the pages of this stage share: where they are, and how a form is acted on."""

from collections.abc import Callable, Mapping

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from lighttouch.core.errors import Fault, LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right
from lighttouch.web.audit import once
from lighttouch.web.partners.errors import MovedOnError
from lighttouch.web.programmes.models import Partner, Programme, Trial
from lighttouch.web.ui.forms import Form

Crumb = dict[str, str]


def programme_of(request: ScopedRequest) -> Programme:
    """Return the programme a page is about."""
    if request.scope.programme is None:
        raise Http404
    return request.scope.programme


def trial_of(request: ScopedRequest) -> Trial:
    """Return the trial a page is about."""
    if request.scope.trial is None:
        raise Http404
    return request.scope.trial


def partner_of(request: ScopedRequest) -> Partner:
    """Return the partner a page is about."""
    if request.scope.partner is None:
        raise Http404
    return request.scope.partner


def may(request: ScopedRequest, right: Right) -> bool:
    """Say whether whoever asks has another right where the page points."""
    return has_right(request.user, right, request.scope)


def programme_trail(programme: Programme, *more: tuple[str, str]) -> list[Crumb]:
    """Say where a page of a programme is; the last part has no address."""
    parts = [
        ("Programmes", reverse("partners:programmes")),
        (programme.title, reverse("partners:programme", args=[programme.slug])),
        *more,
    ]
    return [{"text": text, "href": href} for text, href in parts]


def partner_trail(trial: Trial, partner: Partner, *more: tuple[str, str]) -> list[Crumb]:
    """Say where a page of a partner's part in a trial is."""
    where = [trial.slug, partner.code]
    parts = [
        ("Your work", reverse("overview:home")),
        (f"{partner.name}: {trial.title}", reverse("overview:partner", args=where)),
        *more,
    ]
    return [{"text": text, "href": href} for text, href in parts]


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, however little, or nothing where the page is only asked for."""
    return request.POST if request.method == "POST" else None


def show(
    request: HttpRequest,
    form: Form,
    *,
    title: str,
    trail: list[Crumb],
    template: str = "partners/form.html",
    button: str = "Save",
    **more: object,
) -> HttpResponse:
    """Show a page with one form; 422 where something in it is wrong."""
    context: dict[str, object] = {
        "form": form,
        "title": title,
        "crumbs": trail,
        "button": button,
        "once": once.token(),
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def act_once(
    request: HttpRequest, form: Form, act: Callable[[], str], *, done: str = ""
) -> HttpResponse | None:
    """Act on a form, once; put faults into it and return nothing, so that it is shown again.

    Where somebody changed the thing meanwhile the answer is 409, with what was typed.
    """
    try:
        return once.guard(request, act, done=done)
    except MovedOnError:
        return moved_on(request, form)
    except LighttouchError as error:
        put_faults(form, error)
        return None


def moved_on(request: HttpRequest, form: Form) -> HttpResponse:
    """Answer that somebody saved a change first; nothing typed is lost."""
    typed = [
        (field.label, field.value())
        for field in form.visible_fields()
        if isinstance(field.value(), str) and field.value()
    ]
    context = {"typed": typed, "again": request.get_full_path()}
    return render(request, "partners/moved_on.html", context, status=409)


def put_faults(form: forms.Form, error: LighttouchError) -> None:
    """Show faults at the fields they name, the others at the top."""
    for fault in error.faults:
        form.add_error(_field_named(form, fault.where), say(fault))


def say(fault: Fault) -> str:
    """Say a fault in sentences, without its place."""
    what = fault.what.rstrip(".")
    remedy = f". {fault.remedy.rstrip('.')}" if fault.remedy else ""
    return f"{what[:1].upper()}{what[1:]}{remedy}"


def _field_named(form: forms.Form, where: str) -> str | None:
    wanted = where.casefold().replace(" ", "_")
    if wanted in form.fields:
        return wanted
    return next(
        (
            name
            for name, field in form.fields.items()
            if where and str(field.label).casefold() == where.casefold()
        ),
        None,
    )


def first_of(choices: Mapping[str, str], given: str) -> str:
    """Return a filter if it is one there is, else none."""
    return given if given in choices else ""
