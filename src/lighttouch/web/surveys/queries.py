"""Who was asked, how far they are, and what was answered."""

from django.db.models import Q
from django.urls import reverse

from lighttouch.web.enrolment.models import Event, Happening
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.statements import fetch_all
from lighttouch.web.surveys.asking import AskedPage, pages_of
from lighttouch.web.surveys.counting import Counts, TeamCount, counts, team_counts
from lighttouch.web.surveys.links import digest_of, token_of
from lighttouch.web.surveys.models import Consent, Link, Response, Survey, Window
from lighttouch.web.surveys.records import events_rows, responses_csv
from lighttouch.web.surveys.windows import is_open

__all__ = [
    "AskedPage",
    "Counts",
    "TeamCount",
    "address_of",
    "answers_seen_from",
    "counts",
    "events_rows",
    "find_link",
    "find_window",
    "is_open",
    "pages_of",
    "responses_csv",
    "settled",
    "survey_of",
    "team_counts",
]

SETTLED = Q(erased_at__isnull=False) | Q(finished_at__isnull=False) | Q(consent=Consent.DECLINED)


def find_link(token: str) -> Link | None:
    """Return the link that a token opens, unless it was renewed: one indexed query."""
    return (
        Link.objects.select_related(
            "survey__trial__programme", "participant__partner", "participant__trial__programme"
        )
        .filter(digest=digest_of(token), ended_at=None)
        .first()
    )


def address_of(link: Link) -> str:
    """Return the path of a link's first page."""
    return reverse("surveys:start", kwargs={"token": token_of(link)})


def survey_of(trial: Trial, wave: str) -> Survey | None:
    """Return the survey of a wave, if it was opened."""
    return Survey.objects.filter(trial=trial, wave=wave).first()


def find_window(link: Link) -> Window:
    """Return when a link's survey can be answered."""
    return Window.objects.get(survey=link.survey_id, partner=link.participant.partner_id)


def answers_seen_from(
    *, response: int, device: int | None
) -> tuple[dict[str, str], frozenset[str]]:
    """Return answers given on a device, and the items answered elsewhere: one query.

    What was answered elsewhere is counted and never shown.
    """
    if device is None:
        return {}, frozenset()
    statement = "SELECT item, value, device_id FROM surveys_answer WHERE response_id = %s"
    rows = fetch_all(statement, (response,))
    own = {item: value for item, value, where in rows if where == device}
    return own, frozenset(item for item, _, where in rows if where != device)


def settled(survey: Survey) -> set[int]:
    """Return the participants not to be chased: finished, declined, erased or withdrew."""
    done = Response.objects.filter(SETTLED, survey=survey).values_list("participant", flat=True)
    left = Happening.objects.filter(
        participant__trial=survey.trial_id, event=Event.WITHDRAWAL, cancelled_at=None
    ).values_list("participant", flat=True)
    return {*done, *left}
