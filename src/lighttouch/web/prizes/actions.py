"""Commit to a secret when a survey is opened; draw once it has closed."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from lighttouch.core.allocation.seeding import GENERATOR
from lighttouch.core.archive.prizes import PrizeRecord, render_prize_record
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.core.prizes.drawing import ALGORITHM, draw_winners, entries_bytes
from lighttouch.core.protocol.registering import commit_secret
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.prizes.entrants import entries_of
from lighttouch.web.prizes.models import Draw, Prize
from lighttouch.web.prizes.queries import winners_of
from lighttouch.web.prizes.telling import tell_won
from lighttouch.web.protocols.queries import declared, find_registration
from lighttouch.web.protocols.sealing import seal, unseal
from lighttouch.web.returns.queries import today_of
from lighttouch.web.storage.actions import keep
from lighttouch.web.surveys.models import Survey, Window
from lighttouch.web.surveys.openings import after_opening
from lighttouch.web.surveys.standing import is_over

SECRET_BYTES = 32


@after_opening
def commit(survey: Survey, by: User, now: datetime) -> None:
    """Keep a secret for the prizes a survey declares, and publish its hash."""
    asked = next(one.survey for one in declared(survey.trial).waves if one.id == survey.wave)
    if asked is None or asked.prize is None:
        return
    secret = secrets.token_bytes(SECRET_BYTES)
    prize = Prize(
        survey=survey,
        rule=asked.prize.rule,
        number=asked.prize.number,
        worth=asked.prize.worth,
        smallest_team=asked.prize.smallest_team or 0,
        commitment=commit_secret(secret),
        sealed_secret=seal(secret),
        committed_at=now,
    )
    prize.full_clean()
    prize.save(force_insert=True)
    _note("prize.committed", prize, by=by, now=now, details={"commitment": prize.commitment})


@transaction.atomic
def draw(*, prize: Prize, by: User, now: datetime) -> Draw:
    """Draw the prizes of a survey that has closed everywhere; once, and for good.

    Drawing what is drawn changes nothing.

    Raises
    ------
    InputError
        If the survey is not closed at every partner yet.
    ArchiveError
        If the secret kept is not the one committed to.
    """
    prize = (
        Prize.objects.select_for_update(of=("self",))
        .select_related("survey__trial__programme")
        .get(pk=prize.pk)
    )
    if found := Draw.objects.filter(prize=prize).first():
        return found
    _refuse_unless_closed(prize, now)
    entries = entries_of(prize)
    listed = entries_bytes(entries)
    told = _record_of(prize, entries, hashlib.sha256(listed).hexdigest(), by=by, now=now)
    drawn = Draw(
        prize=prize,
        record=keep(render_prize_record(told).encode(), now=now),
        entries=keep(listed, now=now),
        drawn_at=now,
        drawn_by=by,
    )
    drawn.full_clean()
    drawn.save(force_insert=True)
    details: dict[str, Detail] = {
        "entries": told.entries,
        "entries_sha256": told.entries_sha256,
        "places": [one.place for one in told.winners],
    }
    for partner in {one.partner for one in winners_of(drawn)}:
        tell_won(drawn, partner, by=by, now=now)
    _note("prize.drawn", prize, by=by, now=now, details=details)
    return drawn


def _refuse_unless_closed(prize: Prize, now: datetime) -> None:
    windows = Window.objects.select_for_update(of=("self",)).filter(survey=prize.survey_id)
    still = [one for one in windows if not is_over(one, today_of(now))]
    if still:
        raise InputError(
            "the survey is not closed everywhere yet",
            where=prize.survey.wave,
            remedy="Draw once its last day is past at every partner",
        )


def _record_of(
    prize: Prize, entries: tuple[str, ...], digest: str, *, by: User, now: datetime
) -> PrizeRecord:
    secret = unseal(bytes(prize.sealed_secret))
    if commit_secret(secret) != prize.commitment:
        raise ArchiveError(
            "the secret of the prizes is not the one committed to",
            where=prize.survey.wave,
            remedy="Restore the database from a backup",
        )
    protocol = find_registration(prize.survey.trial).protocol_sha256
    return PrizeRecord(
        algorithm=ALGORITHM,
        generator=GENERATOR,
        wave=prize.survey.wave,
        rule=prize.rule,
        worth=prize.worth,
        number=prize.number,
        smallest_team=prize.smallest_team,
        secret=secret.hex(),
        commitment=prize.commitment,
        committed_at=prize.committed_at.isoformat(timespec="seconds"),
        protocol_sha256=protocol,
        entries_sha256=digest,
        entries=len(entries),
        by=f"user {by.pk}",
        at=now.isoformat(timespec="seconds"),
        winners=draw_winners(entries, prize.number, secret=secret, protocol_sha256=protocol),
    )


def _note(act: str, prize: Prize, *, by: User, now: datetime, details: dict[str, Detail]) -> None:
    trial = prize.survey.trial
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details={"wave": prize.survey.wave, **details},
    )
