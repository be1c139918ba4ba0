"""Roles and their places in plain words."""

from lighttouch.web.accounts.models import Grant, Role

MEANINGS = {
    Role.ADMINISTRATOR: "Keeps the service running and its accounts; sees no trial.",
    Role.TRIAL_MANAGER: "Runs trials: partners, protocol, returns, roster, allocation.",
    Role.RESEARCHER: "Writes and reviews protocols; sees results once a trial is unblinded.",
    Role.RANDOMISER: "Proposes or confirms the draw, and sees nothing else of the trial.",
    Role.COORDINATOR: "Sends a partner's returns and does its tasks.",
    Role.TEAM_MANAGER: "Does what a trial asks of one team's manager.",
}


def say_scope(grant: Grant) -> str:
    """Say where a role holds."""
    parts = [part.title for part in (grant.trial or grant.programme,) if part is not None]
    if grant.partner:
        parts.insert(0, grant.partner.name)
    if grant.team:
        parts.insert(0, f"team {grant.team}")
    return ", ".join(parts) or "the whole service"


def say_role(grant: Grant) -> str:
    """Say a role and where it holds."""
    return f"{Role(grant.role).label.lower()} for {say_scope(grant)}"
