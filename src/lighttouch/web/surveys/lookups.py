"""What a private link opens, in one or two queries and without the weight of models.

Thousands may open their link in a minute, and putting the same query together each time would cost
more than the database does. The statements are the same for both databases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.devices import digest_for
from lighttouch.web.surveys.links import digest_of
from lighttouch.web.surveys.models import Consent

Row = tuple[Any, ...]
Value = str | int | datetime | None

_LOCKED = list(Stage)[list(Stage).index(Stage.LOCKED) :]
_NO_MORE = """EXISTS (SELECT 1 FROM enrolment_happening h
    WHERE h.participant_id = {participant} AND h.cancelled_at IS NULL
    AND h.detail IN ('stop_collection', 'erase'))"""
_FIND = f"""
SELECT l.id, l.survey_id, l.participant_id, l.variant, s.wave, s.sha256, s.consent_version, s.title,
    s.minutes, g.slug, g.title, t.slug, t.stage, p.code, p.name,
    w.opens_on, w.closes_on, w.closed_at IS NOT NULL, {_NO_MORE.format(participant="e.id")},
    r.id, r.consent, r.finished_at IS NOT NULL, r.erased_at IS NOT NULL, d.id, d.digest
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
_LOCK = f"""
SELECT r.consent, r.finished_at IS NOT NULL, r.erased_at IS NOT NULL,
    s.sha256, s.wave, g.slug, t.slug, t.stage, p.code,
    w.opens_on, w.closes_on, w.closed_at IS NOT NULL, {_NO_MORE.format(participant="e.id")},
    EXISTS (SELECT 1 FROM surveys_device d WHERE d.id = %s AND d.response_id = r.id)
FROM surveys_response r
JOIN surveys_survey s ON s.id = r.survey_id
JOIN enrolment_participant e ON e.id = r.participant_id
JOIN programmes_trial t ON t.id = s.trial_id
JOIN programmes_programme g ON g.id = t.programme_id
JOIN programmes_partner p ON p.id = e.partner_id
JOIN surveys_window w ON w.survey_id = s.id AND w.partner_id = p.id
WHERE r.id = %s"""  # noqa: S608 - fixed words


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
        return self.stage in _LOCKED

    def early(self, now: datetime) -> bool:
        """Say whether the first day is still to come."""
        return today_of(now) < self.opens_on

    def takes_answers(self, now: datetime) -> bool:
        """Say whether the survey is open at the partner; not whether this person still may."""
        within = self.opens_on <= today_of(now) <= self.closes_on
        return within and not self.closed and not self.locked


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said by their link so far; ``device`` is theirs if this browser is known."""

    response: int
    consent: str
    finished: bool
    erased: bool
    device: int | None

    @property
    def agreed(self) -> bool:
        """Whether answers are taken, as far as the person goes."""
        return self.consent == Consent.AGREED and not self.erased


@dataclass(frozen=True, slots=True)
class Locked:
    """A response while it is locked, and everything on which taking an answer depends."""

    consent: str
    finished: bool
    erased: bool
    sha256: str
    wave: str
    programme: str
    trial: str
    stage: str
    partner: str
    opens_on: date
    closes_on: date
    closed: bool
    withdrawn: bool
    knows_device: bool

    def takes_answers(self, now: datetime) -> bool:
        """Say whether an answer is taken from this person now."""
        stopped = self.withdrawn or self.erased or self.consent != Consent.AGREED
        within = self.opens_on <= today_of(now) <= self.closes_on
        return within and not (stopped or self.closed or self.stage in _LOCKED)


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
    *link, response, consent, finished, erased, _, _ = row
    said = Said(response, consent, finished, erased, None) if response is not None else None
    return Found(*link), said


def lock(response: int, device: int) -> Locked | None:
    """Lock a response until the transaction ends; one query."""
    row = fetch_one(f"{_LOCK}{for_update('r')}", (device, response))
    return Locked(*row) if row else None


def for_update(alias: str) -> str:
    """Return the words that lock a row; SQLite has one writer, whose lock was taken before."""
    return f" FOR UPDATE OF {alias}" if connection.vendor == "postgresql" else ""


def fetch_one(statement: str, parameters: Sequence[Value]) -> Row | None:
    """Return the first row of a statement."""
    with fast_cursor() as cursor:
        cursor.execute(statement, parameters)
        row: Row | None = cursor.fetchone()
    return row


def fetch_all(statement: str, parameters: Sequence[Value]) -> list[Row]:
    """Return every row of a statement."""
    with fast_cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows


def run(statement: str, parameters: Sequence[Value | Sequence[Value]]) -> None:
    """Run a statement that returns nothing."""
    with fast_cursor() as cursor:
        cursor.execute(statement, parameters)


def fast_cursor() -> Any:  # noqa: ANN401 - the two databases' cursors have no type in common
    """Return a cursor that lets the server keep the plan of a statement it has seen.

    PostgreSQL takes ten times as long to plan the way through seven tables as to go it.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    database: Any = connection  # what follows is PostgreSQL's alone
    database.close_if_health_check_failed()
    database.ensure_connection()
    make = database.make_debug_cursor if database.queries_logged else database.make_cursor
    return make(ServerBindingCursor(database.connection))  # type: ignore[call-arg]
