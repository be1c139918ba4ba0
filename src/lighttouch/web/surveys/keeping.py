"""What is written when somebody answers: consent, a browser, answers, an end.

On PostgreSQL each act is one statement, which is a transaction by itself: every further question to
the server is a wait, and thousands may answer in a minute. SQLite is asked in the same process and
has no such statement; it does the same step by step, in a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from lighttouch.web.audit.actions import APPEND, append, event_values
from lighttouch.web.audit.actors import STAFF
from lighttouch.web.returns.queries import today_of
from lighttouch.web.storage.statements import Value, fetch_one, moment, run
from lighttouch.web.surveys.devices import digest_for
from lighttouch.web.surveys.lookups import LOCKED, NO_MORE, Found
from lighttouch.web.surveys.models import Consent
from lighttouch.web.surveys.turns import in_turn

_NEW_RESPONSE = """
INSERT INTO surveys_response
    (survey_id, participant_id, consent, consent_version, consented_at, touched_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (survey_id, participant_id) DO NOTHING RETURNING id"""
_NEW_DEVICE = """
INSERT INTO surveys_device (response_id, digest, first_seen_at)
{rows} ON CONFLICT (digest) DO NOTHING"""
_THIS_DEVICE = _NEW_DEVICE.format(rows="VALUES (%s, %s, %s)")
_BEGIN = f"""
WITH made AS ({_NEW_RESPONSE}),
known AS ({_NEW_DEVICE.format(rows="SELECT id, %s, %s FROM made")}),
noted AS (SELECT {APPEND} FROM made)
SELECT made.id, noted.* FROM made, noted"""  # noqa: S608 - fixed words

_LOCKED_STAGES = ", ".join(f"'{stage}'" for stage in LOCKED)
_STATE = f"""
SELECT r.finished_at IS NOT NULL AS finished,
    EXISTS (SELECT 1 FROM surveys_device d WHERE d.id = %s AND d.response_id = r.id) AS known,
    r.consent = '{Consent.AGREED}' AND r.erased_at IS NULL AND w.closed_at IS NULL
        AND w.opens_on <= %s AND w.closes_on >= %s AND t.stage NOT IN ({_LOCKED_STAGES})
        AND NOT {NO_MORE.format(participant="e.id")} AS open
FROM surveys_response r
JOIN enrolment_participant e ON e.id = r.participant_id
JOIN programmes_trial t ON t.id = e.trial_id
JOIN surveys_window w ON w.survey_id = r.survey_id AND w.partner_id = e.partner_id
WHERE r.id = %s AND r.survey_id = %s AND r.participant_id = %s"""  # noqa: S608 - fixed words
_TOUCH = """
UPDATE surveys_response SET touched_at = %s, finished_at = COALESCE(finished_at, %s)
WHERE id = %s"""
_ANSWERS = """
INSERT INTO surveys_answer (response_id, item, value, device_id, answered_at, seconds)
{rows} ON CONFLICT (response_id, item) DO UPDATE SET value = excluded.value,
    device_id = excluded.device_id, answered_at = excluded.answered_at,
    seconds = excluded.seconds"""
_ROW = "(%s, %s, %s, %s, %s, %s)"
_ARRAYS = """SELECT %s::bigint, a.item, a.value, %s::bigint, %s::timestamptz, a.seconds
FROM unnest(%s::text[], %s::text[], %s::int[]) AS a(item, value, seconds), fit"""
_STEPS = f"""
WITH state AS ({_STATE} FOR UPDATE OF r),
fit AS (SELECT finished FROM state WHERE open AND known),
touched AS ({_TOUCH} AND EXISTS (SELECT 1 FROM fit)),
kept AS ({_ANSWERS.format(rows=_ARRAYS)})"""  # noqa: S608 - fixed words
_SAVE = f"{_STEPS} SELECT known, open FROM state"  # noqa: S608 - fixed words
_END = f"""{_STEPS},
noted AS (SELECT {APPEND} FROM fit WHERE NOT finished)
SELECT known, open, (SELECT count(*) FROM noted) FROM state"""  # noqa: S608 - fixed words


@dataclass(frozen=True, slots=True)
class Given:
    """Answers as they are to be kept: checked, with how long each question was in sight."""

    response: int
    device: int
    values: Mapping[str, str]
    seconds: Mapping[str, int | None]
    finished: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether answers were kept: only where the survey is open and the browser is known."""

    open: bool
    known: bool


def begin(found: Found, consent: Consent, cookie: str, now: datetime) -> bool:
    """Keep somebody's first word on consent and their browser; False if there was one before."""
    at = moment(now)
    word = (found.survey, found.participant, consent.value, found.consent_version, at, at)
    digest = digest_for(found.survey, found.participant, cookie)
    act = f"survey.{consent}"
    if connection.vendor == "postgresql":
        return fetch_one(_BEGIN, (*word, digest, at, *_event(act, found, now))) is not None
    with in_turn():
        made = fetch_one(_NEW_RESPONSE, word)
        if made is None:
            return False
        run(_THIS_DEVICE, (made[0], digest, at))
        note(act, found, now)
    return True


def know_device(response: int, found: Found, cookie: str, now: datetime) -> None:
    """Keep a browser somebody answers from, if it is not known already."""
    digest = digest_for(found.survey, found.participant, cookie)
    run(_THIS_DEVICE, (response, digest, moment(now)))


def keep_answers(found: Found, given: Given) -> Kept:
    """Keep answers, one row for each, where one is in its place; the moment, and an end if so.

    Whether that is allowed is looked at again under the response's lock, and nothing is kept if
    not.
    """
    today = today_of(given.now).isoformat()
    state = (given.device, today, today, given.response, found.survey, found.participant)
    at = moment(given.now)
    touched = (at, at if given.finished else None, given.response)
    if connection.vendor == "postgresql":
        arrays = [
            list(one) for one in (given.values, given.values.values(), given.seconds.values())
        ]
        rows = (given.response, given.device, at, *arrays)
        event = _event("survey.finished", found, given.now) if given.finished else ()
        statement = _END if given.finished else _SAVE
        row = fetch_one(statement, (*state, *touched, *rows, *event))
        return Kept(open=row[1], known=row[0]) if row else Kept(open=False, known=False)
    with in_turn():
        row = fetch_one(_STATE, state)
        kept = Kept(open=bool(row[2]), known=bool(row[1])) if row else Kept(open=False, known=False)
        if row and kept.open and kept.known:
            run(_TOUCH, touched)
            _insert(given, at)
            if given.finished and not row[0]:
                note("survey.finished", found, given.now)
    return kept


def _insert(given: Given, at: Value) -> None:
    if not given.values:
        return
    rows: list[Value] = []
    for item, value in given.values.items():
        rows += (given.response, item, value, given.device, at, given.seconds[item])
    values = "VALUES " + ", ".join([_ROW] * len(given.values))
    run(_ANSWERS.format(rows=values), rows)


def note(act: str, found: Found, now: datetime) -> None:
    """Record what somebody did by their link; never who."""
    append(_event(act, found, now))


def _event(act: str, found: Found, now: datetime) -> tuple[Value, ...]:
    return event_values(
        act=act,
        by=STAFF,
        now=now,
        programme=found.programme,
        trial=found.trial,
        partner=found.partner,
        details={"wave": found.wave},
    )
