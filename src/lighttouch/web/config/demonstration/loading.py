"""Load the simulated programme into an empty instance."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from lighttouch.core.errors import InputError
from lighttouch.web.config.demonstration import people, recruitment, surveying, trials
from lighttouch.web.partners.actions import create_programme
from lighttouch.web.programmes.models import Partner, Programme
from lighttouch.web.surveys.queries import address_of

Say = Callable[[str], None]


def load(now: datetime, say: Say, seed: int = 1) -> dict[str, str]:
    """Load everything, and return a sign-in link per role.

    Each trial has a seed of its own, since the seed also gives the secret of its draw.

    Raises
    ------
    InputError
        If there is anything in the instance already.
    """
    if Programme.objects.exists():
        raise InputError(
            "there is a programme here already",
            where="the demonstration",
            remedy="Start from an empty data folder",
        )
    began = now - timedelta(days=60)
    administrator = people.invite_administrator(began)
    programme = create_programme(
        slug="light_touch",
        title="Light-touch workforce programme",
        summary="Cheap, humane ideas for people in hard jobs, tried as honest trials.",
        by=administrator,
        now=began,
    )
    team = people.invite_team(programme, administrator, began)
    people.step_back(administrator, team.manager, began)
    recruitment.recruit(programme, team, now)
    say("  letters: from protocol to draw")
    trials.load_letters(programme, team, say, seed)
    trials.load_goal_setting(programme, team, now, say, seed + 1)
    say("  coffee: up to the draw")
    trials.load_coffee(programme, team, now, seed + 2)
    say("  weekly messages: invited, reminded, answering")
    _, link = surveying.load_weekly_messages(programme, team, now, seed + 3)
    trials.load_draft(programme, team, now)
    return _links(programme, team, now) | {
        "Member of staff, a survey": settings.SITE_URL.rstrip("/") + address_of(link)
    }


def _links(programme: Programme, team: people.People, now: datetime) -> dict[str, str]:
    waiting = Partner.objects.filter(
        programme=programme, participations__trial__slug="goal_setting"
    ).order_by("code")
    last = waiting.last()
    assert last is not None
    coordinator = people.invite_coordinator(last, team.manager, now)
    leader = people.invite_team_manager(last, "T01", team.manager, now)
    chosen = {
        "Administrator": team.administrator,
        "Trial manager": team.manager,
        "Second trial manager": team.second,
        "Researcher": team.researcher,
        "Randomiser": team.randomiser,
        f"Coordinator ({last.name})": coordinator,
        f"Team manager ({last.name})": leader,
    }
    return {role: people.link_for(user, now) for role, user in chosen.items()}
