"""What people decide about sending: sign off, pause, resume, stop, settle what is not known."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import PUBLIC, Actor
from lighttouch.web.delivery.models import (
    WAITING,
    Delivery,
    Mailing,
    OptOut,
    Passage,
    Pause,
    Route,
    State,
)
from lighttouch.web.delivery.planning import cancel, plan_interventions, plan_survey
from lighttouch.web.delivery.tokens import digest_of
from lighttouch.web.programmes.models import Partner, Trial

STOPPED = "sending was stopped"
SAID_SENT = "somebody found that it was sent"
SAID_TRY = "somebody had it tried once more"
SAID_AGAIN = "somebody found that it was not sent"


@transaction.atomic
def sign_off(
    *,
    trial: Trial,
    partner: Partner,
    mailings: Iterable[tuple[int, datetime]],
    by: User,
    now: datetime,
    words: str | None = None,
) -> int:
    """Agree to what is to be sent to a partner's people on the days shown; say how many mailings.

    Parameters
    ----------
    mailings
        The number of each, and when it was due as shown: one that moved since is refused.
    words
        What :func:`words_of_all` said of them as shown, if that is to be compared.

    Raises
    ------
    InputError
        If one of them moved, or was put in other words, meanwhile.
    """
    shown = dict(mailings)
    found = Mailing.objects.select_for_update().filter(
        pk__in=shown, partner=partner, step__trial=trial
    )
    waiting = [one for one in found.order_by("pk") if one.signed_off_at is None]
    for mailing in waiting:
        if mailing.due_at != shown[mailing.pk]:
            raise InputError(
                "a mailing moved to another day meanwhile",
                where=mailing.step.code,
                remedy="Look at the calendar again, then sign it off",
            )
    if words is not None and words_of_all(waiting) != words:
        raise InputError(
            "a message was put in other words meanwhile",
            where=trial.slug,
            remedy="Read the messages again, then sign them off",
        )
    for mailing in waiting:
        mailing.signed_off_at, mailing.signed_off_by = now, by
        mailing.full_clean()
        mailing.save()
    if waiting:
        codes = [one.step.code for one in waiting]
        _record("delivery.signed_off", trial, by, now, partner=partner, mailings=codes)
    return len(waiting)


def words_of_all(mailings: Iterable[Mailing]) -> str:
    """Return one hash for the words of several mailings."""
    each = sorted(f"{one.pk}:{one.words}" for one in mailings)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()


@transaction.atomic
def pause(*, trial: Trial, by: User, now: datetime) -> Pause:
    """Hand nothing more over in a trial until somebody resumes."""
    if (already := Pause.objects.filter(trial=trial, resumed_at=None).first()) is not None:
        return already
    made = Pause(trial=trial, paused_at=now, paused_by=by)
    made.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # somebody paused at the same moment
        return Pause.objects.get(trial=trial, resumed_at=None)
    _record("delivery.paused", trial, by, now)
    return made


@transaction.atomic
def resume(*, trial: Trial, by: User, now: datetime) -> None:
    """Go on sending.

    Raises
    ------
    InputError
        If sending was stopped for good.
    """
    held = Pause.objects.select_for_update().filter(trial=trial, resumed_at=None).first()
    if held is None:
        return
    if held.for_good:
        raise InputError("sending in this trial was stopped for good", where=trial.slug)
    held.resumed_at, held.resumed_by = now, by
    held.full_clean()
    held.save()
    _record("delivery.resumed", trial, by, now)


@transaction.atomic
def stop(*, trial: Trial, by: User, now: datetime) -> int:
    """Cancel all that waits in a trial, for good; say how many deliveries."""
    held = pause(trial=trial, by=by, now=now)
    if held.for_good:
        return 0
    held.for_good = True
    held.full_clean()
    held.save()
    waiting = Delivery.objects.filter(step__trial=trial, state__in=WAITING)
    gone = cancel(list(waiting), STOPPED, now)
    _record("delivery.stopped", trial, by, now, cancelled=gone)
    return gone


@transaction.atomic
def settle_unknown(*, delivery: Delivery, was_sent: bool, by: User, now: datetime) -> None:
    """Say what became of a delivery that is not known: it was sent, or it is to be sent again.

    Raises
    ------
    InputError
        If it is not in doubt any more.
    """
    by_hand = delivery.route in (Route.PACK, Route.LETTER)
    again = State.PLANNED if by_hand else State.DUE
    state, note = (State.ACCEPTED, SAID_SENT) if was_sent else (again, SAID_AGAIN)
    doubtful = Delivery.objects.filter(pk=delivery.pk, state=State.UNKNOWN)
    if was_sent:
        settled = doubtful.update(state=state, trouble="")
    else:
        settled = doubtful.update(
            state=state, trouble="", claim=None, lease_until=None, due_at=now, handed_over_at=None
        )
    if not settled:
        raise InputError(
            "this delivery is not in doubt any more",
            where=f"delivery {delivery.pk}",
            remedy="Look at its history",
        )
    Passage.objects.create(delivery=delivery, state=state, at=now, note=note)
    _record(
        "delivery.settled",
        delivery.step.trial,
        by,
        now,
        partner=delivery.mailing.partner,
        delivery=delivery.pk,
        was_sent=was_sent,
    )


@transaction.atomic
def send_failed_again(*, mailing: Mailing, by: User, now: datetime) -> int:
    """Try once more what failed in a mailing: nobody got it. Say how many deliveries."""
    failed = list(
        mailing.deliveries.select_for_update()
        .filter(state=State.FAILED)
        .values_list("pk", flat=True)
    )
    Delivery.objects.filter(pk__in=failed).update(
        state=State.PLANNED,
        trouble="",
        attempts=0,
        due_at=now,
        claim=None,
        lease_until=None,
        handed_over_at=None,
    )
    Passage.objects.bulk_create(
        [Passage(delivery_id=pk, state=State.PLANNED, at=now, note=SAID_TRY) for pk in failed]
    )
    if failed:
        _record(
            "delivery.tried_again",
            mailing.step.trial,
            by,
            now,
            partner=mailing.partner,
            mailing=mailing.pk,
            deliveries=len(failed),
        )
    return len(failed)


@transaction.atomic
def see_to(*, mailing: Mailing, by: User, now: datetime) -> None:
    """Say that what failed or came back in a mailing until now was seen to by other means."""
    mailing.seen_at, mailing.seen_by = now, by
    mailing.full_clean()
    mailing.save(update_fields=("seen_at", "seen_by"))
    trial = mailing.step.trial
    _record("delivery.seen_to", trial, by, now, partner=mailing.partner, mailing=mailing.pk)


@transaction.atomic
def opt_out(*, delivery: Delivery, now: datetime) -> None:
    """Send somebody no more messages, in any trial of their partner's programme."""
    person = delivery.participant
    _, made = OptOut.objects.get_or_create(
        partner_id=person.partner_id, staff_id=person.staff_id, defaults={"at": now}
    )
    if made:
        _record("delivery.opted_out", delivery.step.trial, PUBLIC, now, partner=person.partner)


def find_by_token(token: str) -> Delivery | None:
    """Return the delivery whose message carried the token."""
    return (
        Delivery.objects.select_related(
            "participant__partner", "step__trial__programme", "mailing__partner"
        )
        .filter(opt_out=digest_of(token))
        .first()
    )


def _record(
    act: str,
    trial: Trial,
    by: Actor,
    now: datetime,
    partner: Partner | None = None,
    **details: int | bool | list[str],
) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=partner.code if partner else "",
        details=details,
    )


__all__ = [
    "find_by_token",
    "opt_out",
    "pause",
    "plan_interventions",
    "plan_survey",
    "resume",
    "see_to",
    "send_failed_again",
    "settle_unknown",
    "sign_off",
    "stop",
    "words_of_all",
]
