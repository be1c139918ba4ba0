"""Receive an expression of interest, and let go of who sent it."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from lighttouch.web.accounts.limits import count_attempt
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actors import PUBLIC, SYSTEM, Actor
from lighttouch.web.partners.actions.common import save_checked, tell
from lighttouch.web.partners.errors import ClosedError, RefusedError
from lighttouch.web.partners.models import Applicant, Call, Expression, Phase, Theme
from lighttouch.web.partners.words import refuse_personal
from lighttouch.web.ui.dates import day_of, say_date

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits nobody confuses when they read a reference out."""
MOST_AN_HOUR = 8
"""Forms taken from one place in an hour: an office may share one address."""
MONTHS_KEPT = 12
"""How long who applied is known after the call closed, unless they were matched."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered on the public form."""

    organisation: str
    name: str
    role: str
    email: str
    workforce: str
    themes: tuple[int, ...]
    wish: str
    worry: str
    readiness: str


@transaction.atomic
def express(
    *,
    call: Call,
    answers: Answers,
    draft: uuid.UUID,
    network: str,
    now: datetime,
    by: Actor = PUBLIC,
) -> Expression:
    """Receive an expression of interest; the same draft sent again is the one there is.

    Parameters
    ----------
    draft
        What the form was started as.
    network
        The network address it came from; only a hash of it is kept, for an hour or two.

    Raises
    ------
    ClosedError
        If the call is not open.
    RefusedError
        If too many came from one place, or an answer cannot be taken.
    """
    call = Call.objects.select_for_update().select_related("programme").get(pk=call.pk)
    if found := Expression.objects.filter(draft=draft, call=call).first():
        return found
    _check_open(call, now)
    if not count_attempt(f"call:{network}", MOST_AN_HOUR, now):
        raise RefusedError(
            "too many forms came from your network in the last hour",
            remedy="Keep this page open and send it again in an hour; nothing is lost",
        )
    refuse_personal(**{"what you would like to try": answers.wish, "worries": answers.worry})
    expression = _save(call, answers, draft, now)
    tell(
        "expression.received",
        by=by,
        now=now,
        programme=call.programme,
        details={"reference": expression.reference},
    )
    return expression


def _check_open(call: Call, now: datetime) -> None:
    phase = call.phase(day_of(now))
    if phase == Phase.OPEN:
        return
    when = {
        Phase.BEFORE: f"this call opens on {say_date(call.opens_on)}",
        Phase.AFTER: f"this call closed on {say_date(call.closes_on)}",
        Phase.UNPUBLISHED: "this call is not published",
    }
    raise ClosedError(when[phase], remedy="Write to the address on the call's page")


def _save(call: Call, answers: Answers, draft: uuid.UUID, now: datetime) -> Expression:
    themes = list(Theme.objects.filter(call=call, retired=False, pk__in=answers.themes))
    if not themes:
        raise RefusedError(
            "no theme of this call is chosen", where="Themes", remedy="Choose at least one"
        )
    expression = Expression(
        call=call,
        reference=_new_reference(),
        draft=draft,
        organisation=answers.organisation,
        workforce=answers.workforce,
        wish=answers.wish,
        worry=answers.worry,
        readiness=answers.readiness,
        received_at=now,
    )
    save_checked(expression)
    expression.themes.set(themes)
    applicant = Applicant(
        expression=expression, name=answers.name, role=answers.role, email=answers.email
    )
    save_checked(applicant)
    return expression


def _new_reference() -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"LT-{code[:4]}-{code[4:]}"


@transaction.atomic
def forget_applicant(*, expression: Expression, by: User, now: datetime) -> None:
    """Delete the name, role and address of who sent an expression; what they asked for stays."""
    expression = (
        Expression.objects.select_for_update()
        .select_related("call__programme")
        .get(pk=expression.pk)
    )
    if expression.forgotten_at is not None:
        return
    Applicant.objects.filter(expression=expression).delete()
    expression.forgotten_at = now
    expression.save(update_fields=("forgotten_at",))
    tell(
        "applicant.forgotten",
        by=by,
        now=now,
        programme=expression.call.programme,
        details={"reference": expression.reference},
    )


@transaction.atomic
def forget_old_applicants(*, now: datetime) -> int:
    """Delete who applied to calls closed over a year ago, but for partners taking part.

    Returns
    -------
    int
        How many were forgotten.
    """
    last = day_of(now)
    due = [
        call
        for call in Call.objects.select_related("programme")
        if keep_until(call.closes_on) < last
    ]
    total = 0
    for call in due:
        old = Expression.objects.filter(call=call, forgotten_at=None).filter(
            Q(partner=None) | Q(partner__participations=None)
        )
        ids = list(old.values_list("pk", flat=True))
        Applicant.objects.filter(expression__in=ids).delete()
        Expression.objects.filter(pk__in=ids).update(forgotten_at=now)
        if ids:
            tell(
                "applicants.forgotten",
                by=SYSTEM,
                now=now,
                programme=call.programme,
                details={"applicants": len(ids)},
            )
        total += len(ids)
    return total


def keep_until(closes_on: date) -> date:
    """Return the last day on which who applied is known.

    Examples
    --------
    >>> keep_until(date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    """
    try:
        return closes_on.replace(year=closes_on.year + MONTHS_KEPT // 12)
    except ValueError:  # 29 February
        return closes_on.replace(year=closes_on.year + MONTHS_KEPT // 12, day=28)
