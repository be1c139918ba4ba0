"""How many answered: exactly for the research team, guarded for the employer."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from lighttouch.web.programmes.models import Partner
from lighttouch.web.surveys.models import Consent, Link, Response, Survey, Window


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a partner's people were asked, and how far they are, erased ones included.

    ``begun`` counts everybody who agreed, ``finished`` those of them who are done.
    """

    partner: Partner
    invited: int
    begun: int
    finished: int
    declined: int


@dataclass(frozen=True, slots=True)
class TeamCount:
    """How many of a team finished, to the nearest five; ``None`` where a count could expose."""

    team: str
    invited: int
    finished: int | None


def counts(survey: Survey) -> list[Counts]:
    """Return how far each partner's people are, by partner name: three queries.

    These are exact, for the research team; show an employer :func:`team_counts`.
    """
    people = "participant__partner"
    invited = _group(Link.objects.filter(survey=survey, ended_at=None), people, n=Count("pk"))
    answered = _group(
        Response.objects.filter(survey=survey),
        people,
        begun=Count("pk", filter=Q(consent=Consent.AGREED)),
        finished=Count("pk", filter=Q(finished_at__isnull=False)),
        declined=Count("pk", filter=Q(consent=Consent.DECLINED)),
    )
    nobody = {"begun": 0, "finished": 0, "declined": 0}
    windows = Window.objects.filter(survey=survey).select_related("partner")
    return [
        Counts(
            partner=one.partner,
            invited=invited.get(one.partner_id, {"n": 0})["n"],
            **answered.get(one.partner_id, nobody),
        )
        for one in windows.order_by("partner__name")
    ]


def team_counts(window: Window) -> list[TeamCount]:
    """Return how many of each team finished, where that cannot expose anybody.

    Shown only where at least the survey's least cell finished and as many did not: so neither who
    answered nor who did not can be told. A team that totals would give away is hidden too, and
    what is shown is rounded, since the difference of two looks would tell who came between.
    """
    from lighttouch.core.disclosure.counts import round_count

    people = {"participant__partner": window.partner_id, "survey": window.survey_id}
    team = "participant__team"
    invited = _group(Link.objects.filter(**people, ended_at=None), team, n=Count("pk"))
    done = _group(Response.objects.filter(**people, finished_at__isnull=False), team, n=Count("pk"))
    found = {
        one: (invited[one]["n"], done.get(one, {"n": 0})["n"]) for one in sorted(invited, key=str)
    }
    hidden = hide_teams(list(found.values()), window.survey.least_cell)
    return [
        TeamCount(one, asked, None if is_hidden else round_count(finished))
        for (one, (asked, finished)), is_hidden in zip(found.items(), hidden, strict=True)
    ]


def hide_teams(teams: list[tuple[int, int]], least: int) -> list[bool]:
    """Say which teams' counts must not be shown, by the core's rule for published tables."""
    import numpy as np

    from lighttouch.core.disclosure.counts import THRESHOLD, suppress_small_counts

    if not teams:
        return []
    cells = np.array([(finished, asked - finished) for asked, finished in teams], dtype=np.int64)
    # A nought says as much of a team here as a one: nobody answered, or everybody did.
    cells[cells == 0] = 1
    cells[(cells >= THRESHOLD) & (cells < least)] = THRESHOLD - 1
    withheld = suppress_small_counts(cells)
    return [bool(row.any()) for row in withheld[:-1, :-1]]


def _group(rows: QuerySet[Any], key: str, **numbers: Count) -> dict[Any, dict[str, int]]:
    grouped = rows.order_by().values(key).annotate(**numbers)
    return {row.pop(key): row for row in grouped}
