"""What staff do by their private link: agree or not, answer, finish."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import STAFF
from lighttouch.web.surveys.compiling import Asked, asked_of
from lighttouch.web.surveys.devices import digest_for
from lighttouch.web.surveys.erasing import empty_answers
from lighttouch.web.surveys.lookups import (
    Found,
    Locked,
    Value,
    fetch_one,
    find_again,
    find_link_of,
    for_update,
    lock,
    run,
)
from lighttouch.web.surveys.models import Consent, Device, Link, Response
from lighttouch.web.surveys.turns import in_turn
from lighttouch.web.surveys.validating import check_seconds, check_values

_NEW_RESPONSE = """
INSERT INTO surveys_response
    (survey_id, participant_id, consent, consent_version, consented_at, touched_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (survey_id, participant_id) DO NOTHING RETURNING id"""
_KNOWN_RESPONSE = """
SELECT r.id, r.consent, r.erased_at IS NOT NULL FROM surveys_response r
WHERE r.survey_id = %s AND r.participant_id = %s"""
_NEW_DEVICE = """
INSERT INTO surveys_device (response_id, digest, first_seen_at)
VALUES (%s, %s, %s) ON CONFLICT (digest) DO NOTHING"""
_KEEP = """
INSERT INTO surveys_answer (response_id, item, value, device_id, answered_at, seconds)
{rows} ON CONFLICT (response_id, item) DO UPDATE SET value = excluded.value,
    device_id = excluded.device_id, answered_at = excluded.answered_at,
    seconds = excluded.seconds"""
_AS_ARRAYS = """SELECT %s::bigint, a.item, a.value, %s::bigint, %s::timestamptz, a.seconds
FROM unnest(%s::text[], %s::text[], %s::int[]) AS a(item, value, seconds)"""
_AS_ROW = "(%s, %s, %s, %s, %s, %s)"


class ClosedError(InputError):
    """The survey takes no answers from this person now; what was saved is kept."""


def _closed() -> ClosedError:
    return ClosedError(
        "the survey is closed",
        where="the survey",
        remedy="What you had saved is kept; nothing more is needed",
    )


def agree(*, link: Link, cookie: str, now: datetime) -> Device:
    """Record that somebody agrees to take part, and the browser they are on.

    Saying so twice, or after declining, is all right while the window is open.

    Raises
    ------
    ClosedError
        If the window is not open, or the person withdrew or had their answers erased.
    """
    return _say_by(link, Consent.AGREED, cookie, now)


def decline(*, link: Link, cookie: str, now: datetime) -> Response:
    """Record that somebody does not agree; answers they gave before are deleted.

    Raises
    ------
    ClosedError
        As for :func:`agree`.
    """
    return _say_by(link, Consent.DECLINED, cookie, now).response


def _say_by(link: Link, consent: Consent, cookie: str, now: datetime) -> Device:
    found = find_again(link.pk)
    if found is None:
        raise _closed()
    say(found=found, consent=consent, cookie=cookie, now=now)
    known = Device.objects.select_related("response__participant", "response__survey__trial")
    return known.get(digest=digest_for(found.survey, found.participant, cookie))


def say(*, found: Found, consent: Consent, cookie: str, now: datetime) -> None:
    """Record whether somebody agrees, and the browser they are on.

    Parameters
    ----------
    found
        What their link opened, a moment ago.

    Raises
    ------
    ClosedError
        As for :func:`agree`.
    """
    if not found.takes_answers(now) or found.withdrawn:
        raise _closed()
    with in_turn():
        response, is_new = _keep_consent(found, consent, now)
        _know_device(response, found, cookie, now)
        if consent == Consent.DECLINED:
            empty_answers(response)
        if is_new:
            _note(f"survey.{consent}", found, now)


def _keep_consent(found: Found, consent: Consent, now: datetime) -> tuple[int, bool]:
    """Keep what somebody says on consent; say whether that is new."""
    who, at = (found.survey, found.participant), _moment(now)
    made = fetch_one(_NEW_RESPONSE, (*who, consent.value, found.consent_version, at, at))
    if made is not None:
        return made[0], True
    known = fetch_one(f"{_KNOWN_RESPONSE}{for_update('r')}", who)
    if known is None or known[2]:
        raise _closed()
    if known[1] == consent:
        return known[0], False
    Response.objects.filter(pk=known[0]).update(
        consent=consent,
        consent_version=found.consent_version,
        consented_at=now,
        touched_at=now,
        finished_at=None,
    )
    return known[0], True


@transaction.atomic
def join_device(*, link: Link, cookie: str, now: datetime) -> Device:
    """Let another browser answer, once somebody there says that the link is theirs.

    Raises
    ------
    ClosedError
        If nobody answered by this link yet, or the answers were erased.
    """
    response = Response.objects.filter(
        survey=link.survey_id, participant=link.participant_id, erased_at=None
    ).first()
    if response is None:
        raise _closed()
    digest = digest_for(link.survey_id, link.participant_id, cookie)
    device, _ = Device.objects.get_or_create(
        digest=digest, defaults={"response": response, "first_seen_at": now}
    )
    return device


def _know_device(response: int, found: Found, cookie: str, now: datetime) -> None:
    digest = digest_for(found.survey, found.participant, cookie)
    run(_NEW_DEVICE, [response, digest, _moment(now)])


def answer(
    *,
    response: Response,
    values: Mapping[str, str],
    device: Device,
    now: datetime,
    seconds: Mapping[str, int] | None = None,
) -> int:
    """Keep answers, each in the place of one given before; the last one counts.

    Parameters
    ----------
    values
        By item; empty for ``Prefer not to say``.
    device
        Where they were given; one of the response's own.
    seconds
        How long each question was in sight, where known.

    Returns
    -------
    int
        How many answers were kept.

    Raises
    ------
    ClosedError, AnswerError
        As for :func:`keep`.
    """
    if device.response_id != response.pk:
        raise InputError("the browser is not known here", where="the survey")
    return keep(
        response=response.pk,
        device=device.pk,
        asked=_asked_by(response),
        values=values,
        now=now,
        seconds=seconds,
    )


def finish(*, response: Response, now: datetime) -> Response:
    """Record that somebody is done, gaps or not. Finishing twice changes nothing.

    Raises
    ------
    ClosedError
        As for :func:`keep`.
    """
    device = Device.objects.filter(response=response).values_list("pk", flat=True).first()
    asked = _asked_by(response)
    keep(response=response.pk, device=device or 0, asked=asked, values={}, now=now, finished=True)
    response.refresh_from_db()
    return response


def _asked_by(response: Response) -> Asked:
    found = find_link_of(response.survey_id, response.participant_id)
    if found is None:
        raise _closed()
    return asked_of(found)


def keep(
    *,
    response: int,
    device: int,
    asked: Asked,
    values: Mapping[str, str],
    now: datetime,
    seconds: Mapping[str, int] | None = None,
    finished: bool = False,
) -> int:
    """Keep answers item by item, and that somebody is done if they are, in one transaction.

    An answer is no event: the row is the record, and the log must not tell who answers what when.
    Sending the same answers again changes nothing but the moment.

    Returns
    -------
    int
        How many answers were kept.

    Raises
    ------
    ClosedError
        If the window is closed, or the person declined, withdrew or had their answers erased.
    AnswerError
        If a question does not allow an answer; then none is kept.
    """
    kept = check_values(asked.allowed, values)
    at = _moment(now)
    with in_turn():
        locked = lock(response, device)
        if locked is None or not locked.takes_answers(now):
            raise _closed()
        if not locked.knows_device or locked.sha256 != asked.sha256:
            raise InputError("the browser is not known here", where="the survey")
        if kept:
            _keep_items(response, device, kept, seconds or {}, at)
        _touch(response, at, finished=finished and not locked.finished)
        if finished and not locked.finished:
            _note("survey.finished", locked, now)
    return len(kept)


def _keep_items(
    response: int, device: int, kept: Mapping[str, str], seconds: Mapping[str, int], at: Value
) -> None:
    """Keep answers, one row for each, in one statement; where one is, it is replaced."""
    timed: list[Value] = [check_seconds(seconds.get(item)) for item in kept]
    if connection.vendor == "postgresql":
        # One statement however many there are, so that the server knows it already.
        arrays = (list(kept), list(kept.values()), timed)
        run(_KEEP.format(rows=_AS_ARRAYS), (response, device, at, *arrays))
        return
    rows: list[Value] = []
    for (item, value), spent in zip(kept.items(), timed, strict=True):
        rows += (response, item, value, device, at, spent)
    run(_KEEP.format(rows="VALUES " + ", ".join([_AS_ROW] * len(kept))), rows)


def _touch(response: int, at: Value, *, finished: bool) -> None:
    """Note the moment of the last answer, and of finishing."""
    if finished:
        statement = "UPDATE surveys_response SET touched_at = %s, finished_at = %s WHERE id = %s"
        run(statement, [at, at, response])
    else:
        run("UPDATE surveys_response SET touched_at = %s WHERE id = %s", [at, response])


def _moment(now: datetime) -> Value:
    """Return a moment as the database takes it."""
    moment: Value = connection.ops.adapt_datetimefield_value(now)
    return moment


def _note(act: str, about: Found | Locked, now: datetime) -> None:
    record(
        act=act,
        by=STAFF,
        now=now,
        programme=about.programme,
        trial=about.trial,
        partner=about.partner,
        details={"wave": about.wave},
    )
