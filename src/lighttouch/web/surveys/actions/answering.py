"""What staff do by their private link: agree or not, answer, finish."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from lighttouch.core.errors import InputError
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import STAFF
from lighttouch.web.surveys.asking import varies
from lighttouch.web.surveys.devices import device_digest
from lighttouch.web.surveys.erasing import empty_answers
from lighttouch.web.surveys.models import Answer, Consent, Device, Link, Response, Window
from lighttouch.web.surveys.validating import check_seconds, check_values
from lighttouch.web.surveys.windows import is_locked, is_open, no_more_collection


class ClosedError(InputError):
    """The survey takes no answers from this person now; what was saved is kept."""


def _closed() -> ClosedError:
    return ClosedError(
        "the survey is closed",
        where="the survey",
        remedy="What you had saved is kept; nothing more is needed",
    )


@transaction.atomic
def agree(*, link: Link, cookie: str, now: datetime) -> Device:
    """Record that somebody agrees to take part, and the browser they are on.

    Saying so twice, or after declining, is all right while the window is open.

    Raises
    ------
    ClosedError
        If the window is not open, or the person withdrew or had their answers erased.
    """
    _refuse_unless_open(link, now)
    response, is_new = _say(link, Consent.AGREED, now)
    device = _know_device(response, link, cookie, now)
    if is_new:
        _note("survey.agreed", link, now)
    return device


@transaction.atomic
def decline(*, link: Link, cookie: str, now: datetime) -> Response:
    """Record that somebody does not agree; answers they gave before are deleted.

    Raises
    ------
    ClosedError
        As for :func:`agree`.
    """
    _refuse_unless_open(link, now)
    response, is_new = _say(link, Consent.DECLINED, now)
    _know_device(response, link, cookie, now)
    empty_answers(response)
    if is_new:
        _note("survey.declined", link, now)
    return response


def _say(link: Link, consent: Consent, now: datetime) -> tuple[Response, bool]:
    """Keep what somebody says on consent; say whether that is new."""
    version = link.survey.consent_version
    response, made = Response.objects.select_for_update().get_or_create(
        survey=link.survey,
        participant=link.participant,
        defaults={
            "consent": consent,
            "consent_version": version,
            "consented_at": now,
            "touched_at": now,
        },
    )
    if response.erased_at is not None:
        raise _closed()
    if made or response.consent == consent:
        return response, made
    response.consent, response.consent_version = consent, version
    response.consented_at = response.touched_at = now
    response.finished_at = None
    response.full_clean(validate_unique=False, validate_constraints=False)
    response.save()
    return response, True


@transaction.atomic
def join_device(*, link: Link, cookie: str, now: datetime) -> Device:
    """Let another browser answer, once somebody there says that the link is theirs.

    Raises
    ------
    ClosedError
        If nobody answered by this link yet, or the answers were erased.
    """
    response = Response.objects.filter(
        survey=link.survey, participant=link.participant, erased_at=None
    ).first()
    if response is None:
        raise _closed()
    return _know_device(response, link, cookie, now)


def _know_device(response: Response, link: Link, cookie: str, now: datetime) -> Device:
    device, _ = Device.objects.get_or_create(
        digest=device_digest(link, cookie), defaults={"response": response, "first_seen_at": now}
    )
    return device


@transaction.atomic
def answer(
    *,
    response: Response,
    values: Mapping[str, str],
    device: Device,
    now: datetime,
    seconds: Mapping[str, int] | None = None,
) -> int:
    """Keep answers, each in the place of one given before; the last one counts.

    Sending the same answers again changes nothing but the moment. There is no event: the row is
    the record, and the log must not tell who answers what when.

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
    ClosedError
        If the window is closed, or the person declined, withdrew or had their answers erased.
    AnswerError
        If a question does not allow an answer; then none is kept.
    """
    response = _lock_answerable(response, now)
    if device.response_id != response.pk:
        raise InputError("the browser is not known here", where="the survey")
    kept = check_values(response.survey, values, _variant_of(response))
    timed = seconds or {}
    rows = [
        Answer(
            response=response,
            item=item,
            value=value,
            device=device,
            answered_at=now,
            seconds=check_seconds(timed.get(item)),
        )
        for item, value in kept.items()
    ]
    Answer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("response", "item"),
        update_fields=("value", "device", "answered_at", "seconds"),
    )
    Response.objects.filter(pk=response.pk).update(touched_at=now)
    return len(rows)


@transaction.atomic
def finish(*, response: Response, now: datetime) -> Response:
    """Record that somebody is done, gaps or not. Finishing twice changes nothing.

    Raises
    ------
    ClosedError
        As for :func:`answer`.
    """
    response = _lock_answerable(response, now)
    if response.finished_at is None:
        response.finished_at = response.touched_at = now
        response.save(update_fields=("finished_at", "touched_at"))
        _note("survey.finished", response, now)
    return response


def _variant_of(response: Response) -> str:
    if not varies(response.survey):
        return ""
    found = Link.objects.filter(
        survey=response.survey_id, participant=response.participant_id, ended_at=None
    )
    return found.values_list("variant", flat=True).first() or ""


def _lock_answerable(response: Response, now: datetime) -> Response:
    found = (
        Response.objects.select_for_update(of=("self",))
        .select_related("survey__trial__programme", "participant__partner")
        .annotate(no_more=Exists(no_more_collection(OuterRef("participant"))))
        .get(pk=response.pk)
    )
    window = Window.objects.filter(
        survey=found.survey_id, partner=found.participant.partner_id
    ).first()
    stopped = found.no_more or found.erased_at is not None or found.consent != Consent.AGREED
    stopped = stopped or is_locked(found.survey.trial)
    if stopped or window is None or not is_open(window, now):
        raise _closed()
    return found


def _refuse_unless_open(link: Link, now: datetime) -> None:
    window = Window.objects.filter(
        survey=link.survey_id, partner=link.participant.partner_id
    ).first()
    ended = Link.objects.filter(pk=link.pk).exclude(ended_at=None).exists()
    over = ended or is_locked(link.survey.trial)
    if over or window is None or not is_open(window, now):
        raise _closed()
    if no_more_collection(link.participant_id).exists():
        raise _closed()


def _note(act: str, about: Link | Response, now: datetime) -> None:
    survey, partner = about.survey, about.participant.partner
    record(
        act=act,
        by=STAFF,
        now=now,
        programme=survey.trial.programme.slug,
        trial=survey.trial.slug,
        partner=partner.code,
        details={"wave": survey.wave},
    )
