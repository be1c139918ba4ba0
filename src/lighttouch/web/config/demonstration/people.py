"""Who works on the simulated programme, and the links that let them in."""

from dataclasses import dataclass
from datetime import datetime

from lighttouch.web.accounts.actions import end_role, invite, make_link
from lighttouch.web.accounts.models import Link, Role, User
from lighttouch.web.accounts.posting import address_of
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.programmes.models import Partner, Programme


@dataclass(frozen=True, slots=True)
class People:
    """The research team; coordinators come with their partners."""

    administrator: User
    manager: User
    second: User
    researcher: User
    randomiser: User


def invite_administrator(now: datetime) -> User:
    """Make the first account, as the command line does."""
    user, _ = invite(
        email="administrator@example.org",
        name="Ada Administrator",
        role=Role.ADMINISTRATOR,
        by=OPERATOR,
        now=now,
    )
    return user


def invite_team(programme: Programme, administrator: User, now: datetime) -> People:
    """Invite the research team."""

    def person(role: Role, email: str, name: str) -> User:
        user, _ = invite(
            email=f"{email}@example.org",
            name=name,
            role=role,
            programme=programme,
            by=administrator,
            now=now,
        )
        return user

    return People(
        administrator,
        person(Role.TRIAL_MANAGER, "manager", "Toni Trialmanager"),
        person(Role.TRIAL_MANAGER, "second", "Sam Secondmanager"),
        person(Role.RESEARCHER, "researcher", "Robin Researcher"),
        person(Role.RANDOMISER, "randomiser", "Rae Randomiser"),
    )


def step_back(administrator: User, manager: User, now: datetime) -> None:
    """End the administrator's part in the programme, which came with starting it."""
    for grant in administrator.grants.filter(role=Role.TRIAL_MANAGER, ended_at=None):
        end_role(grant=grant, by=manager, now=now)


def invite_coordinator(partner: Partner, by: User, now: datetime) -> User:
    """Invite a partner's coordinator; the same person for the same partner."""
    user, _ = invite(
        email=f"coordinator.{partner.code}@example.org",
        name=f"Coordinator at {partner.name}",
        role=Role.COORDINATOR,
        programme=partner.programme,
        partner=partner,
        by=by,
        now=now,
    )
    return user


def invite_team_manager(partner: Partner, team: str, by: User, now: datetime) -> User:
    """Invite a team manager."""
    user, _ = invite(
        email=f"team.{partner.code}@example.org",
        name=f"Team manager at {partner.name}",
        role=Role.TEAM_MANAGER,
        programme=partner.programme,
        partner=partner,
        team=team,
        by=by,
        now=now,
    )
    return user


def link_for(user: User, now: datetime) -> str:
    """Return the address of a fresh link that signs somebody in."""
    return address_of(make_link(user=user, purpose=Link.Purpose.INVITATION, by=OPERATOR, now=now))
