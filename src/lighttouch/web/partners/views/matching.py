"""Which partner is in which trial, and why."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.partners import actions
from lighttouch.web.partners.forms_working import EndMatchForm, MatchForm
from lighttouch.web.partners.models import Match
from lighttouch.web.partners.queries import matching as reading
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    posted,
    programme_of,
    programme_trail,
    show,
)
from lighttouch.web.programmes.models import Stage


@requires(Right.READ_PROGRAMME)
@require_safe
def partners(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show every partner, the trials it is in, why, and what to be wary of."""
    programme = programme_of(request)
    context = {
        "programme": programme,
        "crumbs": programme_trail(programme, ("Partners", "")),
        "partners": reading.partners_of(programme),
        "ended": reading.ended_matches(programme),
        "can_match": may(request, Right.MANAGE_PROGRAMME),
        "drafts": programme.trials.filter(stage=Stage.DRAFT).exists(),
        "draft": Stage.DRAFT,
    }
    return render(request, "partners/matching.html", context)


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Match a partner to a trial; one in another trial only after a second thought."""
    programme = programme_of(request)
    home = reverse("partners:matching", args=[programme.slug])
    asked = programme.partners.filter(code=request.GET.get("partner", "")).first()
    form = MatchForm(posted(request), programme=programme, initial={"partner": asked})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.match_partner(
                trial=given["trial"],
                partner=given["partner"],
                reason=given["reason"],
                by=request.user,
                now=timezone.now(),
            )
            return home

        done = "They are matched. The partner has its first tasks."
        if answer := act_once(request, form, act, done=done):
            return answer
    return show(
        request,
        form,
        title="Match a partner to a trial",
        trail=programme_trail(programme, ("Partners", home), ("Match", "")),
        caption=programme.title,
        lines=["Only trials whose protocol is not registered yet can be chosen."],
        warning_line=_warn(form),
        button="Match them",
        cancel=home,
    )


def _warn(form: MatchForm) -> str:
    if not form.elsewhere:
        return ""
    return (
        f"This partner is already in: {', '.join(form.elsewhere)}. What people get in one trial "
        "can reach, or tire, those in another. Say in the reason how you keep them apart."
    )


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: ScopedRequest, match: int, **_where: str) -> HttpResponse:
    """End a match, with a reason, while the trial is not registered."""
    programme = programme_of(request)
    home = reverse("partners:matching", args=[programme.slug])
    found = get_object_or_404(
        Match.objects.select_related("trial__programme", "partner"),
        pk=match,
        trial__programme=programme,
    )
    form = EndMatchForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.unmatch_partner(match=found, by=request.user, now=timezone.now(), **given)
            return home

        if answer := act_once(request, form, act, done="The match has ended."):
            return answer
    return show(
        request,
        form,
        title=f"End the match of {found.partner.name} with {found.trial.title}",
        trail=programme_trail(programme, ("Partners", home), ("End a match", "")),
        lines=["Tasks that are not done and the people named go. What was signed stays on record."],
        button="End the match",
        warning=True,
        cancel=home,
    )
