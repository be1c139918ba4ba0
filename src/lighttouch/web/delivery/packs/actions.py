"""Making a pack, taking it, and saying what became of it."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from lighttouch.core.errors import InputError, LighttouchError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.delivery.composing import LACKING, Material, Reach, gather
from lighttouch.web.delivery.deciding import OUTSIDE_HOURS, Verdict, decide, look_up
from lighttouch.web.delivery.models import WAITING, Delivery, Mailing, Passage, Pause, Route, State
from lighttouch.web.delivery.packs import content, queries
from lighttouch.web.delivery.packs.models import CARRIERS, Pack, PackKind, PackOutcome
from lighttouch.web.delivery.sending import logger
from lighttouch.web.delivery.transports.print import set_letters
from lighttouch.web.partners.actions import add_task, complete_task
from lighttouch.web.ui.dates import day_of

PATIENCE = timedelta(days=7)
"""How long the partner has to say what became of a pack."""
CHUNK = 1000
NOT_SENT = "the partner did not send it"
UNSENT = "the partner could not send it"
CAME_BACK = "the partner says that it came back"
NO_LINK = "there is no link"
CANNOT_PRINT = "its letter cannot be printed"
MOST_UNPRINTABLE = 20
_PLACE = re.compile(r"letter (\d+)")


def make_pack(*, mailing: Mailing, by: User, now: datetime) -> Pack | None:
    """Make the pack of a mailing, or return the one that is open; nothing if nobody needs it.

    Raises
    ------
    InputError
        If the mailing is not signed off or not due yet, sending is paused, or the letters cannot
        be printed at all.
    """
    pack = _hold(mailing=mailing, by=by, now=now)
    if pack is not None and not pack.sha256:
        _finish_making(pack, by=by, now=now)
        pack.refresh_from_db()
    return pack


@transaction.atomic
def _hold(*, mailing: Mailing, by: User, now: datetime) -> Pack | None:
    """Decide about everybody, and hold the deliveries that still go."""
    found = Mailing.objects.select_for_update().get(pk=mailing.pk)
    open_one = queries.open_pack(found)
    if open_one is not None:
        return open_one
    _check_may_go(found, now)
    kind = queries.kind_of(found)
    if kind is None:
        raise InputError("the partner sends nothing of this mailing itself", where="packs")
    rows = _decide(found, kind, now)
    if not rows:
        return None
    made = Pack(
        mailing=found,
        kind=kind,
        number=found.packs.count() + 1,
        claim=uuid4(),
        rows=len(rows),
        made_at=now,
        made_by=by,
        answer_by=now + PATIENCE,
    )
    made.full_clean(exclude={"sha256", "outcome"})
    made.save()
    held = {
        "claim": made.claim,
        "lease_until": made.answer_by,
        "transport": CARRIERS[kind],
        "handed_over_at": now,
        "attempts": F("attempts") + 1,
        "trouble": "",
    }
    _move(rows, State.SENT, f"in pack {made.number}", now, **held)
    _record("delivery.pack_made", made, by, now, rows=len(rows), kind=kind.value)
    return made


def _check_may_go(mailing: Mailing, now: datetime) -> None:
    if mailing.signed_off_at is None:
        raise InputError(
            "this mailing is not signed off", where="packs", remedy="Sign it off first"
        )
    if Pause.objects.filter(trial=mailing.step.trial_id, resumed_at=None).exists():
        raise InputError(
            "sending in this trial is paused", where="packs", remedy="Ask the research team"
        )
    if day_of(now) < day_of(mailing.due_at):
        raise InputError("this mailing is not due yet", where="packs", remedy="Come back that day")


def _decide(mailing: Mailing, kind: PackKind, now: datetime) -> list[int]:
    """Act on what is decided about each delivery that waits; return those that go."""
    waiting = list(
        Delivery.objects.select_for_update(of=("self",))
        .filter(
            mailing=mailing,
            route=queries.ROUTES[kind],
            state__in=WAITING,
            due_at__lt=queries.end_of_day(now),
        )
        .select_related(
            "participant__partner",
            "mailing__partner",
            "step__trial__programme",
            "step__survey__trial__programme",
        )
        .order_by("participant__staff_id", "pk")
    )
    if not waiting:
        return []
    known = look_up(mailing.step.trial, waiting, now)
    material = gather(mailing, [one.participant for one in waiting])
    reaches = content.reaches_of(mailing, kind, waiting)
    going: list[int] = []
    for one in waiting:
        decision = decide(one, known, now)
        if decision.verdict is Verdict.CANCEL:
            _move([one.pk], State.CANCELLED, decision.because, now, trouble=decision.because)
        elif decision.verdict is Verdict.PUT_OFF and decision.because != OUTSIDE_HOURS:
            later = {"trouble": decision.because, "due_at": decision.until}
            _move([one.pk], State.PLANNED, decision.because, now, **later)
        elif what := _why_not(one, material, reaches):
            _move([one.pk], State.FAILED, what, now, trouble=what)
        else:
            going.append(one.pk)
    return going


def _why_not(delivery: Delivery, material: Material, reaches: Mapping[int, Reach]) -> str:
    """Say why somebody cannot be written to, if that is so."""
    if delivery.pk not in reaches:
        return LACKING[Route(delivery.route)]
    return NO_LINK if content.lacks_link(delivery, material) else ""


def _finish_making(pack: Pack, *, by: User, now: datetime) -> None:
    """Set the letters or write the table once, and keep its seal; no database is held meanwhile."""
    written = content.write_all(pack)
    if pack.kind == PackKind.LETTERS:
        try:
            written, made = _without_unprintable(pack, written, now)
        except InputError:
            record_outcome(pack=pack, sent=False, by=by, now=now)
            raise
    else:
        made = content.as_table(written)
    if not written:
        record_outcome(pack=pack, sent=False, by=by, now=now)
        return
    Pack.objects.filter(pk=pack.pk, sha256="").update(
        sha256=content.seal_of(made), rows=len(written)
    )


def _without_unprintable(
    pack: Pack, written: list[content.Written], now: datetime
) -> tuple[list[content.Written], bytes]:
    """Fail the letters that cannot be printed whole, each by itself; return the others, set."""
    left = list(written)
    for _ in range(MOST_UNPRINTABLE):
        if not left:
            return left, b""
        try:
            return left, set_letters(content.as_letters(left))
        except InputError as error:
            found = _PLACE.search(error.faults[0].where)
            if found is None:
                raise
            spoilt = left.pop(int(found[1]) - 1)
            _fail(pack, spoilt, f"{CANNOT_PRINT}: {error.faults[0].what}", now)
    raise InputError(
        "too many of these letters cannot be printed",
        where="packs",
        remedy="Ask the research team to shorten the message, and look at the addresses",
    )


@transaction.atomic
def _fail(pack: Pack, spoilt: content.Written, what: str, now: datetime) -> None:
    """Take one letter out of a pack, unless somebody who made it at the same moment did."""
    held = Delivery.objects.select_for_update().filter(
        pk=spoilt.delivery.pk, claim=pack.claim, state=State.SENT
    )
    gone = {"claim": None, "lease_until": None, "trouble": what}
    _move(list(held.values_list("pk", flat=True)), State.FAILED, what, now, **gone)


def take_pack(
    *,
    pack: Pack,
    form: str,
    codes: frozenset[str] = frozenset(),
    by: User,
    now: datetime,
) -> bytes:
    """Return a pack's file, written down as an act; with codes, only the letters of these.

    Raises
    ------
    InputError
        If a code is not in it, or sending is paused.
    """
    if Pause.objects.filter(trial=pack.mailing.step.trial_id, resumed_at=None).exists():
        raise InputError(
            "sending in this trial is paused", where="packs", remedy="Ask the research team"
        )
    made = content.build(pack, form, codes)
    details: dict[str, int | str | bool] = {"form": form}
    if codes:
        details["codes"] = len(codes)
    elif form != "xlsx":
        details["as_first_made"] = content.seal_of(made) == pack.sha256
    with transaction.atomic():
        _record("delivery.pack_taken", pack, by, now, **details)
    return made


@transaction.atomic
def record_outcome(
    *,
    pack: Pack,
    sent: bool,
    came_back: frozenset[str] = frozenset(),
    unsent: frozenset[str] = frozenset(),
    by: User,
    now: datetime,
) -> None:
    """Say what became of a pack: it was sent, but for some codes; or it was not, and waits again.

    Raises
    ------
    InputError
        If it was said before, or a code is not in the pack or given for both.
    """
    found = Pack.objects.select_for_update().get(pk=pack.pk)
    if found.outcome:
        raise InputError("somebody said already what became of this pack", where="packs")
    rows = _open_rows(found)
    if came_back & unsent:
        raise InputError("a code cannot both come back and not be sent", where="codes")
    content.check_codes(came_back | unsent, frozenset(rows))
    if sent:
        _end(rows, came_back, State.RETURNED, CAME_BACK, now)
        _end(rows, unsent, State.FAILED, UNSENT, now)
        _end(rows, frozenset(rows) - came_back - unsent, State.ACCEPTED, "", now)
    else:
        again = {"claim": None, "lease_until": None, "handed_over_at": None, "trouble": NOT_SENT}
        _move(rows.values(), State.PLANNED, NOT_SENT, now, **again)
    if sent:
        trial, partner = found.mailing.step.trial, found.mailing.partner
        key = queries.task_key(found.mailing)
        complete_task(trial=trial, partner=partner, key=key, by=by, now=now)
    found.outcome = PackOutcome.SENT if sent else PackOutcome.NOT_SENT
    found.settled_at, found.settled_by = now, by
    found.full_clean(exclude={"sha256"})
    found.save()
    gone = {"came_back": len(came_back), "unsent": len(unsent)}
    _record("delivery.pack_settled", found, by, now, sent=sent, rows=len(rows), **gone)


@transaction.atomic
def note_returned(*, pack: Pack, codes: frozenset[str], by: User, now: datetime) -> int:
    """Say that some of a pack came back after it was sent; say how many that is news of.

    Raises
    ------
    InputError
        If the pack was not sent, or a code is not in it.
    """
    found = Pack.objects.select_for_update().get(pk=pack.pk)
    if found.outcome != PackOutcome.SENT:
        raise InputError("this pack was not sent", where="packs")
    rows = {one.participant.staff_id: one for one in content.deliveries_of(found)}
    content.check_codes(codes, frozenset(rows))
    news = [rows[code].pk for code in codes if rows[code].state == State.ACCEPTED]
    _move(news, State.RETURNED, CAME_BACK, now, trouble=CAME_BACK)
    _record("delivery.pack_returned", found, by, now, came_back=len(news))
    return len(news)


@transaction.atomic
def find_forgotten(now: datetime) -> int:
    """Put in doubt what is in packs of which nobody said what became of them; say how many."""
    lost = list(
        Delivery.objects.select_for_update()
        .filter(
            state=State.SENT,
            route__in=(Route.PACK, Route.LETTER),
            transport__in=CARRIERS.values(),
            lease_until__lt=now,
        )
        .values_list("pk", flat=True)
    )
    _move(lost, State.UNKNOWN, queries.FORGOTTEN, now, trouble=queries.FORGOTTEN)
    return len(lost)


def ask_partners(now: datetime) -> int:
    """Give each coordinator a task for what the partner has to send itself; say how many there are.

    A mailing that cannot become a task keeps none of the others back.
    """
    found = queries.to_be_made(now)
    for mailing in found:
        trial, partner = mailing.step.trial, mailing.partner
        try:
            add_task(
                trial=trial,
                partner=partner,
                key=queries.task_key(mailing),
                title=f"Send it yourselves: {mailing.step.label}",
                href=reverse("delivery:pack", args=[trial.slug, partner.code, mailing.pk]),
                due_on=day_of(mailing.due_at),
                by=SYSTEM,
                now=now,
            )
        except LighttouchError as error:
            logger.error("a pack cannot be asked for", extra={"event": error.faults[0].what})
    return len(found)


def _open_rows(pack: Pack) -> dict[str, int]:
    """Return the deliveries of a pack of which it is open what became of them, by code."""
    held = Delivery.objects.select_for_update(of=("self",)).filter(
        mailing=pack.mailing_id, claim=pack.claim, state__in=(State.SENT, State.UNKNOWN)
    )
    return dict(held.values_list("participant__staff_id", "pk"))


def _end(
    rows: dict[str, int], codes: frozenset[str], state: State, trouble: str, now: datetime
) -> None:
    numbers = [rows[code] for code in codes]
    _move(numbers, state, trouble, now, trouble=trouble, lease_until=None)


def _move(numbers: Iterable[int], state: State, note: str, now: datetime, **more: object) -> None:
    """Bring deliveries to a state, with a line of their history each."""
    every = sorted(numbers)
    for start in range(0, len(every), CHUNK):
        some = every[start : start + CHUNK]
        Delivery.objects.filter(pk__in=some).update(state=state, **more)
        Passage.objects.bulk_create(
            [Passage(delivery_id=pk, state=state, at=now, note=note) for pk in some]
        )


def _record(act: str, pack: Pack, by: User, now: datetime, **details: int | bool | str) -> None:
    trial = pack.mailing.step.trial
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=pack.mailing.partner.code,
        details={"mailing": pack.mailing.step.code, "pack": pack.number, **details},
    )
