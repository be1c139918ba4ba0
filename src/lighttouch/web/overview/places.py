"""Where somebody's roles lead: the first page after signing in."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lighttouch.web.accounts.models import Role, User
from lighttouch.web.accounts.permissions import (
    Right,
    has_right,
    live_grants,
    partners_with,
    trials_with,
)
from lighttouch.web.meetings.queries import windows_open_to
from lighttouch.web.programmes.models import Partner, Stage, Trial


@dataclass(frozen=True, slots=True)
class Place:
    """One thing to open: what it is, its state in words, and its address."""

    title: str
    about: str
    stage: str
    href: str


def trials_overseen(user: User) -> list[Place]:
    """Return the trials whose overview somebody may see."""
    return [
        Place(
            trial.title,
            trial.programme.title,
            trial.get_stage_display(),
            reverse("overview:trial", args=[trial.slug]),
        )
        for trial in trials_with(user, Right.SEE_OVERVIEW)
    ]


def partners_served(user: User) -> list[Place]:
    """Return the partners, trial by trial, for which somebody is coordinator."""
    return [
        _at_partner(trial, partner)
        for trial in trials_with(user, Right.SEND_RETURN)
        for partner in partners_with(user, Right.SEND_RETURN, trial)
    ]


def draws_trusted(user: User) -> list[Place]:
    """Return the trials somebody may randomise and see nothing else of."""
    return [
        Place(
            f"The draw of {trial.title}",
            "You propose or confirm the draw. You see nothing else of the trial.",
            trial.get_stage_display(),
            reverse("allocation:page", args=[trial.slug]),
        )
        for trial in trials_with(user, Right.RANDOMISE)
        if any(grant.role == Role.RANDOMISER for grant in live_grants(user))
    ]


def teams_led(user: User) -> list[Place]:
    """Return the teams somebody manages, where a trial asks something of them."""
    return [
        place
        for grant in live_grants(user)
        if grant.role == Role.TEAM_MANAGER and grant.partner is not None
        for trial in trials_with(user, Right.SEE_TEAM)
        if grant.partner in partners_with(user, Right.SEE_TEAM, trial)
        for place in _of_team(trial, grant.partner, grant.team)
    ]


def _of_team(trial: Trial, partner: Partner, team: str) -> list[Place]:
    """Return what a team can answer together today; else that nothing is asked of it."""
    title = f"{trial.title}: team {team}"
    found = [
        Place(
            title,
            f"{partner.name}. {window.survey.title}",
            "Answer together",
            reverse("meetings:page", args=[trial.slug, partner.code, window.survey.wave]),
        )
        for window in windows_open_to(trial, partner, team, timezone.now())
    ]
    return found or [Place(title, partner.name, "Nothing is asked of you now", "")]


def _at_partner(trial: Trial, partner: Partner) -> Place:
    return Place(
        f"{partner.name}: {trial.title}",
        trial.programme.title,
        trial.get_stage_display(),
        reverse("overview:partner", args=[trial.slug, partner.code]),
    )


def tools(user: User) -> list[Place]:
    """Return the pages about the service itself that somebody may open."""
    offered = (
        (Right.READ_PROGRAMME, "Programmes and recruitment", "partners:programmes"),
        (Right.WRITE_PROTOCOL, "Write a new trial", "protocols:new"),
        (Right.INVITE, "People and their roles", "accounts:people"),
        (Right.RUN_SERVICE, "Work in the background", "jobs:queue"),
        (Right.RUN_SERVICE, "E-mail that was sent", "jobs:mail"),
        (Right.RUN_SERVICE, "The audit log", "audit:log"),
    )
    return [
        Place(title, "", "", address)
        for right, title, name in offered
        if has_right(user, right) and (address := _address(name))
    ]


def registered() -> list[Place]:
    """Return the protocols that are registered, newest first."""
    trials = Trial.objects.exclude(stage=Stage.DRAFT).order_by("-created_at")[:20]
    return [
        Place(trial.title, "", "", address)
        for trial in trials
        if (address := _address("protocols:public", trial.slug))
    ]


def _address(name: str, *where: str) -> str:
    try:
        return reverse(name, args=where)
    except NoReverseMatch:
        return ""
