"""The one place that says who may do what, where.

Every view names the right it needs with :func:`requires`, or is marked :func:`public` or
:func:`signed_in`; a test walks every address to see that it does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.audit.actions import record_alone
from lighttouch.web.programmes.models import Participation, Partner, Programme, Trial


class Right(StrEnum):
    """One thing somebody may be allowed to do."""

    RUN_SERVICE = "run the service"
    MANAGE_ACCOUNTS = "manage accounts"
    INVITE = "invite people"
    READ_AUDIT = "read the audit log"
    READ_PROGRAMME = "read a programme"
    MANAGE_PROGRAMME = "manage a programme"
    REVIEW_PARTNERS = "review expressions of interest"
    READ_PROTOCOL = "read a protocol"
    WRITE_PROTOCOL = "write a protocol"
    APPROVE_PROTOCOL = "approve a protocol"
    REGISTER_PROTOCOL = "register a protocol"
    READ_TASKS = "read a partner's tasks"
    DO_TASKS = "do a partner's tasks"
    SEND_RETURN = "send a return"
    READ_RETURNS = "read the state of returns"
    MANAGE_RETURNS = "manage returns"
    MANAGE_CONTACTS = "manage contacts"
    READ_ROSTER = "read the flow of participants"
    FREEZE_ROSTER = "freeze the roster"
    RECORD_EVENT = "record what happens to a participant"
    RANDOMISE = "randomise"
    SEE_ARMS = "see the arms of people"
    SEE_PARTNER_ARMS = "see the arms of a partner's people"
    SEE_BALANCE = "see the balance of arms"
    READ_RESULTS = "read results by arm"
    EXPORT_ARCHIVE = "export the archive"
    LOCK_TRIAL = "lock and unblind a trial"
    SEE_OVERVIEW = "see the overview of a trial"
    SEE_TEAM = "see a team's tasks"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(
        {Right.RUN_SERVICE, Right.MANAGE_ACCOUNTS, Right.INVITE, Right.READ_AUDIT}
    ),
    Role.TRIAL_MANAGER: frozenset(
        {
            Right.INVITE,
            Right.READ_AUDIT,
            Right.READ_PROGRAMME,
            Right.MANAGE_PROGRAMME,
            Right.REVIEW_PARTNERS,
            Right.READ_PROTOCOL,
            Right.WRITE_PROTOCOL,
            Right.APPROVE_PROTOCOL,
            Right.REGISTER_PROTOCOL,
            Right.READ_TASKS,
            Right.DO_TASKS,
            Right.READ_RETURNS,
            Right.MANAGE_RETURNS,
            Right.READ_ROSTER,
            Right.FREEZE_ROSTER,
            Right.RECORD_EVENT,
            Right.RANDOMISE,
            Right.SEE_ARMS,
            Right.SEE_PARTNER_ARMS,
            Right.SEE_BALANCE,
            Right.READ_RESULTS,
            Right.EXPORT_ARCHIVE,
            Right.LOCK_TRIAL,
            Right.SEE_OVERVIEW,
        }
    ),
    Role.RESEARCHER: frozenset(
        {
            Right.READ_PROGRAMME,
            Right.REVIEW_PARTNERS,
            Right.READ_PROTOCOL,
            Right.WRITE_PROTOCOL,
            Right.APPROVE_PROTOCOL,
            Right.READ_RETURNS,
            Right.READ_ROSTER,
            Right.SEE_ARMS,
            Right.SEE_BALANCE,
            Right.READ_RESULTS,
            Right.EXPORT_ARCHIVE,
            Right.SEE_OVERVIEW,
        }
    ),
    Role.RANDOMISER: frozenset({Right.RANDOMISE}),
    Role.COORDINATOR: frozenset(
        {
            Right.READ_TASKS,
            Right.DO_TASKS,
            Right.SEND_RETURN,
            Right.READ_RETURNS,
            Right.MANAGE_CONTACTS,
            Right.RECORD_EVENT,
            Right.SEE_PARTNER_ARMS,
        }
    ),
    Role.TEAM_MANAGER: frozenset({Right.SEE_TEAM}),
}

AFTER_UNBLINDING: dict[Role, frozenset[Right]] = {
    Role.TRIAL_MANAGER: frozenset({Right.READ_RESULTS}),
    Role.RESEARCHER: frozenset(
        {Right.SEE_ARMS, Right.SEE_BALANCE, Right.READ_RESULTS, Right.EXPORT_ARCHIVE}
    ),
}
"""Rights that a role has in a trial only once it is unblinded."""

SECOND_FACTOR = frozenset(
    {Role.ADMINISTRATOR, Role.TRIAL_MANAGER, Role.RESEARCHER, Role.RANDOMISER}
)
"""Roles that must sign in with a passkey or a one-time code as well."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is about; what it is not about is ``None``."""

    programme: Programme | None = None
    trial: Trial | None = None
    partner: Partner | None = None


class ScopedRequest(HttpRequest):
    """A request of somebody who has the right the page needs."""

    user: User
    scope: Scope


def has_right(user: User, right: Right, scope: Scope | None = None) -> bool:
    """Say whether somebody has a right in a scope; with no scope, anywhere at all."""
    return any(
        right in RIGHTS[Role(grant.role)] and _covers(grant, right, scope)
        for grant in live_grants(user)
    )


def live_grants(user: User) -> list[Grant]:
    """Return somebody's roles in force, read once for each object of the user."""
    cached: list[Grant] | None = getattr(user, "_live_grants", None)
    if cached is None:
        cached = list(
            user.grants.filter(ended_at=None).select_related("programme", "trial", "partner")
        )
        user._live_grants = cached  # type: ignore[attr-defined]
    return cached


def trials_with(user: User, right: Right) -> list[Trial]:
    """Return the trials in which somebody has a right, by title."""
    found = Trial.objects.none()
    for grant in live_grants(user):
        if right in RIGHTS[Role(grant.role)]:
            found = found | Trial.objects.filter(_trials_of(grant))
    every = found.select_related("programme").distinct().order_by("title")
    return [t for t in every if _has_in_trial(user, right, t)]


def partners_with(user: User, right: Right, trial: Trial) -> list[Partner]:
    """Return the partners of a trial for which somebody has a right, by name."""
    partners = [p.partner for p in trial.participations.select_related("partner")]
    return [p for p in partners if has_right(user, right, Scope(trial.programme, trial, p))]


def _has_in_trial(user: User, right: Right, trial: Trial) -> bool:
    """Say whether somebody has a right in a trial, if only for a partner of theirs."""
    return any(
        right in RIGHTS[Role(grant.role)]
        and _covers(grant, right, Scope(trial.programme, trial, grant.partner))
        for grant in live_grants(user)
    )


def _trials_of(grant: Grant) -> Q:
    if grant.trial_id:
        return Q(pk=grant.trial_id)
    if grant.partner_id:
        return Q(participations__partner=grant.partner_id)
    return Q(programme=grant.programme_id)


def _covers(grant: Grant, right: Right, scope: Scope | None) -> bool:
    if scope is None or grant.role == Role.ADMINISTRATOR:
        return True
    if scope.programme is None or grant.programme_id != scope.programme.pk:
        return False
    if grant.trial_id and (scope.trial is None or grant.trial_id != scope.trial.pk):
        return False
    if grant.partner_id and (scope.partner is None or grant.partner_id != scope.partner.pk):
        return False
    if right in AFTER_UNBLINDING.get(Role(grant.role), frozenset()):
        return scope.trial is not None and scope.trial.unblinded_at is not None
    return True


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def public(view: View) -> View:
    """Mark a view as open to anybody."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Mark a view as open to anybody with an account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return cast("View", guarded)


def requires(*rights: Right) -> Callable[[View], View]:
    """Let a view be used only by those with one of these rights where its address points.

    The address's ``programme``, ``trial`` and ``partner`` are looked up once and handed to the
    view as ``request.scope``. A trial or partner that is not there is 404; somebody without the
    right gets 403; somebody not signed in goes to sign in.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            scope = find_scope(kwargs)
            user = request.user
            wanted = None if scope == Scope() else scope
            if not any(has_right(user, right, wanted) for right in rights):
                raise PermissionDenied
            request.scope = scope  # type: ignore[attr-defined]
            _note_look(request, scope)
            return view(request, *args, **kwargs)

        guarded.access = rights  # type: ignore[attr-defined]
        return cast("View", guarded)

    return decorate


def _note_look(request: HttpRequest, scope: Scope) -> None:
    """Log that an administrator looks at a page; a page that renews itself is one look."""
    looks = request.method == "GET" and "X-Fragment" not in request.headers
    user = cast("User", request.user)
    if looks and any(grant.role == Role.ADMINISTRATOR for grant in live_grants(user)):
        match = request.resolver_match
        record_alone(
            act="page.seen",
            by=user,
            now=timezone.now(),
            programme=scope.programme.slug if scope.programme else "",
            trial=scope.trial.slug if scope.trial else "",
            details={"page": match.view_name if match else ""},
        )


def find_scope(where: dict[str, Any]) -> Scope:
    """Look up what an address points at; a partner must take part in the trial named."""
    programme: Programme | None = None
    trial: Trial | None = None
    partner: Partner | None = None
    if "trial" in where:
        trial = get_object_or_404(Trial.objects.select_related("programme"), slug=where["trial"])
        programme = trial.programme
    elif "programme" in where:
        programme = get_object_or_404(Programme, slug=where["programme"])
    if "partner" in where:
        partner = get_object_or_404(Partner, programme=programme, code=where["partner"])
        if trial is not None:
            get_object_or_404(Participation, trial=trial, partner=partner)
    return Scope(programme, trial, partner)


__all__ = ["RIGHTS", "Right", "Scope", "ScopedRequest", "has_right", "public", "requires"]
