"""Who has which role, as far as somebody may know."""

from lighttouch.web.accounts.models import Grant, User
from lighttouch.web.accounts.rights_to_give import may_give


def roles_within_reach(giver: User) -> list[Grant]:
    """Return the roles in force that somebody could give or end, by person."""
    grants = (
        Grant.objects.filter(ended_at=None)
        .select_related("user", "programme", "trial", "partner")
        .order_by("user__name", "role", "pk")
    )
    return [grant for grant in grants if may_give(giver, grant)]


def say_scope(grant: Grant) -> str:
    """Say where a role holds."""
    parts = [
        str(part.name if part is grant.partner else part.title)  # type: ignore[union-attr]
        for part in (grant.trial or grant.programme, grant.partner)
        if part is not None
    ]
    if grant.team:
        parts.append(f"team {grant.team}")
    return ", ".join(parts) or "the whole service"
