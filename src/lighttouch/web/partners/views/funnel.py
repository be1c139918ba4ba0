"""The funnel of a programme: a chart, its numbers, and where they are from."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.partners import actions, queries
from lighttouch.web.partners.forms_working import StageForm
from lighttouch.web.partners.models import FunnelStage, Stage
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    posted,
    programme_of,
    programme_trail,
    show,
)
from lighttouch.web.ui.charts import draw_funnel


@requires(Right.READ_PROGRAMME)
@require_safe
def funnel(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Draw how many partners were left at each stage."""
    programme = programme_of(request)
    stages = queries.funnel(programme)
    reached = [one for one in stages if one.partners]
    shown = [(one.label, one.partners) for one in stages]
    named = {one.stage for one in stages}
    context = {
        "programme": programme,
        "crumbs": programme_trail(programme, ("Funnel", "")),
        "stages": stages,
        "missing": [stage for stage in Stage if stage not in named],
        "chart": draw_funnel("Partners at each stage of recruitment", shown) if reached else None,
        "can_enter": may(request, Right.MANAGE_PROGRAMME),
    }
    return render(request, "partners/funnel.html", context)


@requires(Right.READ_PROGRAMME)
@require_safe
def file(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Hand out the funnel as the archive keeps it."""
    content = queries.funnel_csv(programme_of(request))
    if not content:
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="funnel.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: ScopedRequest, stage: str, **_where: str) -> HttpResponse:
    """Enter a number that rows here do not hold."""
    programme = programme_of(request)
    if stage not in Stage.values:
        raise Http404
    home = reverse("partners:funnel", args=[programme.slug])
    row = FunnelStage.objects.filter(programme=programme, stage=stage).first()
    before = row or FunnelStage(revision=0)
    initial = {name: getattr(before, name) for name in StageForm.base_fields}
    form = StageForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.enter_stage(
                programme=programme,
                stage=Stage(stage),
                by=request.user,
                now=timezone.now(),
                **given,
            )
            return home

        if answer := act_once(request, form, act, done="The funnel is saved."):
            return answer
    return show(
        request,
        form,
        title=Stage(stage).label,
        trail=programme_trail(programme, ("Funnel", home), (Stage(stage).label, "")),
        caption=programme.title,
        lines=[
            "Enter a number only for what happened before this site was used, such as letters "
            "that were sent. What happens here is counted by itself.",
        ],
        cancel=home,
    )
