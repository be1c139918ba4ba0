"""Who was asked, how far they are, and what was answered."""

from django.db.models import Q
from django.urls import reverse

from lighttouch.web.enrolment.models import Event, Happening
from lighttouch.web.programmes.models import Trial
from lighttouch.web.surveys.asking import AskedPage, pages_of
from lighttouch.web.surveys.counting import Counts, TeamCount, counts, team_counts
from lighttouch.web.surveys.links import digest_of, token_of
from lighttouch.web.surveys.models import Answer, Consent, Device, Link, Response, Survey, Window
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
    "find_response",
    "find_window",
    "is_open",
    "own_answers",
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


def find_response(link: Link) -> Response | None:
    """Return what somebody answered by their link so far, if they said anything."""
    return Response.objects.filter(survey=link.survey_id, participant=link.participant_id).first()


def own_answers(device: Device) -> dict[str, str]:
    """Return answers given on a device, by item; those given elsewhere are never shown there."""
    return dict(Answer.objects.filter(device=device).values_list("item", "value"))


def answers_seen_from(device: Device | None) -> tuple[dict[str, str], set[str]]:
    """Return answers given on a device, and the items answered elsewhere: one query."""
    if device is None:
        return {}, set()
    rows = list(
        Answer.objects.filter(response=device.response_id).values_list("item", "value", "device")
    )
    own = {item: value for item, value, where in rows if where == device.pk}
    return own, {item for item, _, where in rows if where != device.pk}


def settled(survey: Survey) -> set[int]:
    """Return the participants not to be chased: finished, declined, erased or withdrew."""
    done = Response.objects.filter(SETTLED, survey=survey).values_list("participant", flat=True)
    left = Happening.objects.filter(
        participant__trial=survey.trial_id, event=Event.WITHDRAWAL, cancelled_at=None
    ).values_list("participant", flat=True)
    return {*done, *left}
