"""Who has which role, as far as somebody may know."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.permissions import SECOND_FACTOR, live_grants
from lighttouch.web.accounts.rights_to_give import may_give
from lighttouch.web.accounts.words import say_scope


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role of one person, as the list of people shows it."""

    grant: Grant
    role: str
    where: str
    has_come: bool
    has_factor: bool


def roles_within_reach(giver: User, role: str = "") -> list[RoleLine]:
    """Return the roles in force that somebody could give or end, by person."""
    factors = Authenticator.objects.filter(user=OuterRef("user")).exclude(type="recovery_codes")
    grants = (
        Grant.objects.filter(ended_at=None)
        .select_related("user", "programme", "trial", "partner")
        .annotate(has_factor=Exists(factors))
        .order_by("user__name", "role", "pk")
    )
    if role:
        grants = grants.filter(role=role)
    return [
        RoleLine(
            grant,
            Role(grant.role).label,
            say_scope(grant),
            grant.user.last_login is not None,
            grant.has_factor,
        )
        for grant in grants
        if may_give(giver, grant)
    ]


def needs_second_factor(user: User) -> bool:
    """Say whether one of somebody's roles asks for a second factor."""
    return any(Role(grant.role) in SECOND_FACTOR for grant in live_grants(user))


def is_last_factor(authenticator: Authenticator) -> bool:
    """Say whether nothing but recovery codes would be left without a second factor."""
    others = Authenticator.objects.filter(user=authenticator.user_id).exclude(pk=authenticator.pk)
    return not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def is_administrator(user: User) -> bool:
    """Say whether somebody keeps the service; what they look at is logged."""
    return any(grant.role == Role.ADMINISTRATOR for grant in live_grants(user))
