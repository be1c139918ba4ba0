"""What staff do by their private link: agree or not, answer, finish."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.storage.statements import fetch_one
from lighttouch.web.surveys.compiling import asked_of
from lighttouch.web.surveys.devices import digest_for
from lighttouch.web.surveys.erasing import empty_answers
from lighttouch.web.surveys.keeping import Given, begin, keep_answers, know_device, note
from lighttouch.web.surveys.lookups import Found, find_again, find_link_of
from lighttouch.web.surveys.models import Consent, Device, Link, Response
from lighttouch.web.surveys.turns import in_turn
from lighttouch.web.surveys.validating import check_seconds, check_values

_KNOWN_RESPONSE = """
SELECT r.id, r.consent, r.erased_at IS NOT NULL FROM surveys_response r
WHERE r.survey_id = %s AND r.participant_id = %s"""


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
    if begin(found, consent, cookie, now):
        return
    with in_turn():
        response, is_new = _say_again(found, consent, now)
        know_device(response, found, cookie, now)
        if consent == Consent.DECLINED:
            empty_answers(response)
        if is_new:
            note(f"survey.{consent}", found, now)


def _say_again(found: Found, consent: Consent, now: datetime) -> tuple[int, bool]:
    """Keep what somebody says on consent who said so before; say whether it is another word."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    known = fetch_one(f"{_KNOWN_RESPONSE}{lock}", (found.survey, found.participant))
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
        found=_found_by(response),
        response=response.pk,
        device=device.pk,
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
    found = _found_by(response)
    keep(found=found, response=response.pk, device=device or 0, values={}, now=now, finished=True)
    response.refresh_from_db()
    return response


def _found_by(response: Response) -> Found:
    found = find_link_of(response.survey_id, response.participant_id)
    if found is None:
        raise _closed()
    return found


def keep(
    *,
    found: Found,
    response: int,
    device: int,
    values: Mapping[str, str],
    now: datetime,
    seconds: Mapping[str, int] | None = None,
    finished: bool = False,
) -> int:
    """Keep answers item by item, and that somebody is done if they are, in one transaction.

    An answer is no event: the row is the record, and the log must not tell who answers what when.
    Sending the same answers again changes nothing but the moment.

    Parameters
    ----------
    found
        What their link opened, a moment ago. Whatever of it can change is looked at again.

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
    values = check_values(asked_of(found).allowed, values)
    timed = {item: check_seconds((seconds or {}).get(item)) for item in values}
    kept = keep_answers(found, Given(response, device, values, timed, finished, now))
    if not kept.open:
        raise _closed()
    if not kept.known:
        raise InputError("the browser is not known here", where="the survey")
    return len(values)
