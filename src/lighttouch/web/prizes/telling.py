"""Tell a partner's coordinators by e-mail that somebody of theirs won; the page says who."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.notices.actions import send
from lighttouch.web.prizes.models import Draw
from lighttouch.web.programmes.models import Partner


def tell_won(drawn: Draw, partner: Partner, *, by: User, now: datetime) -> None:
    """Put one e-mail to each coordinator in the outbox, in the transaction of the draw."""
    survey = drawn.prize.survey
    where = Scope(survey.trial.programme, survey.trial, partner)
    page = reverse("prizes:partner", args=[survey.trial.slug, partner.code, survey.wave])
    for person in User.objects.filter(is_active=True, grants__partner=partner).distinct():
        if has_right(person, Right.MANAGE_CONTACTS, where):
            context = {"survey": survey, "person": person, "address": settings.SITE_URL + page}
            send(
                to=person,
                kind="prize.won",
                subject="Somebody of yours has won a prize",
                body=render_to_string("prizes/mail/won.txt", context),
                key=f"prize.won:{drawn.pk}:{person.pk}",
                by=by,
                now=now,
            )
