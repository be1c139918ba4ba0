"""What a private link opens, in one query and without the weight of models.

Thousands may open their link in a minute, and putting the same query together each time would cost
more than the database does. The statements are the same for both databases.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns.queries import today_of
from lighttouch.web.storage.statements import Row, fetch_all, fetch_one
from lighttouch.web.surveys.devices import digest_for
from lighttouch.web.surveys.links import digest_of
from lighttouch.web.surveys.models import Consent

LOCKED = list(Stage)[list(Stage).index(Stage.LOCKED) :]
NO_MORE = """EXISTS (SELECT 1 FROM enrolment_happening h
    WHERE h.participant_id = {participant} AND h.cancelled_at IS NULL
    AND h.detail IN ('stop_collection', 'erase'))"""
_FIND = f"""
SELECT l.id, l.survey_id, l.participant_id, l.variant, s.wave, s.sha256, s.consent_version, s.title,
    s.minutes, g.slug, g.title, t.slug, t.stage, p.code, p.name,
    w.opens_on, w.closes_on, w.closed_at IS NOT NULL, {NO_MORE.format(participant="e.id")},
    r.id, r.consent, r.finished_at IS NOT NULL, r.erased_at IS NOT NULL,
    EXISTS (SELECT 1 FROM surveys_answer a WHERE a.response_id = r.id), d.id, d.digest
FROM surveys_link l
JOIN surveys_survey s ON s.id = l.survey_id
JOIN enrolment_participant e ON e.id = l.participant_id
JOIN programmes_trial t ON t.id = s.trial_id
JOIN programmes_programme g ON g.id = t.programme_id
JOIN programmes_partner p ON p.id = e.partner_id
JOIN surveys_window w ON w.survey_id = s.id AND w.partner_id = p.id
LEFT JOIN surveys_response r ON r.survey_id = l.survey_id AND r.participant_id = l.participant_id
LEFT JOIN surveys_device d ON d.response_id = r.id
WHERE l.ended_at IS NULL AND """  # noqa: S608 - fixed words


@dataclass(frozen=True, slots=True)
class Found:
    """Whose link it is, what it asks and whether that is open: codes and numbers only."""

    link: int
    survey: int
    participant: int
    variant: str
    wave: str
    sha256: str
    consent_version: str
    title: str
    minutes: int
    programme: str
    programme_title: str
    trial: str
    stage: str
    partner: str
    partner_name: str
    opens_on: date
    closes_on: date
    closed: bool
    withdrawn: bool

    @property
    def locked(self) -> bool:
        """Whether the trial's data are locked."""
        return self.stage in LOCKED

    def early(self, now: datetime) -> bool:
        """Say whether the first day is still to come."""
        return today_of(now) < self.opens_on

    def takes_answers(self, now: datetime) -> bool:
        """Say whether the survey is open at the partner; not whether this person still may."""
        within = self.opens_on <= today_of(now) <= self.closes_on
        return within and not self.closed and not self.locked


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said by their link so far; ``device`` is theirs if this browser is known.

    ``begun`` says whether there is an answer at all.
    """

    response: int
    consent: str
    finished: bool
    erased: bool
    begun: bool
    device: int | None

    @property
    def agreed(self) -> bool:
        """Whether answers are taken, as far as the person goes."""
        return self.consent == Consent.AGREED and not self.erased


def look_up(token: str, cookie: str) -> tuple[Found, Said | None] | None:
    """Return what a token opens, unless the link was renewed, and what was said by it: one query.

    Parameters
    ----------
    cookie
        The mark of the browser that asks.
    """
    rows = fetch_all(f"{_FIND}l.digest = %s", (digest_of(token),))
    if not rows:
        return None
    found, said = _read(rows[0])
    if said is None:
        return found, None
    digest = digest_for(found.survey, found.participant, cookie)
    known = (row[-2] for row in rows if row[-1] == digest)
    return found, replace(said, device=next(known, None))


def find_again(link: int) -> Found | None:
    """Return what a link opens that is known already, unless it was renewed meanwhile."""
    row = fetch_one(f"{_FIND}l.id = %s", (link,))
    return _read(row)[0] if row else None


def find_link_of(survey: int, participant: int) -> Found | None:
    """Return what somebody's link to a survey opens, by whose it is."""
    row = fetch_one(f"{_FIND}s.id = %s AND e.id = %s", (survey, participant))
    return _read(row)[0] if row else None


def _read(row: Row) -> tuple[Found, Said | None]:
    *link, response, consent, finished, erased, begun, _, _ = row
    said = Said(response, consent, finished, erased, begun, None) if response is not None else None
    return Found(*link), said
