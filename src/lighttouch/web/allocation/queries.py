"""Where a draw stands, and who may see what of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from lighttouch.core.errors import Fault
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.allocation.models import (
    Allocation,
    Assignment,
    Delivering,
    Lock,
    Proposal,
    Replay,
    Unblinding,
)
from lighttouch.web.enrolment.models import Roster
from lighttouch.web.enrolment.queries import Standing, standings
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns.models import Return
from lighttouch.web.ui.charts import Chart, draw_balance


@dataclass(frozen=True, slots=True)
class Seen:
    """One person's arm, as somebody who may know it reads it."""

    partner: str
    staff_id: str
    team: str
    building: str
    arm: str
    note: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The balance of one arm against the reference, to be drawn and read."""

    arm: str
    chart: Chart
    rows: tuple[tuple[str, str, str, str], ...]


def find_allocation(trial: Trial) -> Allocation | None:
    """Return the draw of a trial, if there was one."""
    return (
        Allocation.objects.select_related("proposed_by", "confirmed_by", "table", "of_roster")
        .filter(trial=trial)
        .first()
    )


def open_proposal(trial: Trial) -> Proposal | None:
    """Return the proposal that is not withdrawn, confirmed or not."""
    return (
        Proposal.objects.select_related("proposed_by", "confirmed_by", "trial__programme")
        .filter(trial=trial, withdrawn_at=None)
        .first()
    )


def is_stale(proposal: Proposal, roster: Roster | None) -> bool:
    """Say whether the roster was frozen again since the proposal."""
    return roster is None or proposal.roster_sha256 != roster.sha256


def latest_replay(allocation: Allocation) -> Replay | None:
    """Return the last time the draw was replayed."""
    return Replay.objects.select_related("by").filter(allocation=allocation).first()


def find_lock(trial: Trial) -> Lock | None:
    """Return when and why a trial's data were locked."""
    return Lock.objects.select_related("by").filter(trial=trial).first()


def open_unblinding(trial: Trial) -> Unblinding | None:
    """Return the proposal to unblind that is not withdrawn, confirmed or not."""
    return (
        Unblinding.objects.select_related("proposed_by", "confirmed_by", "trial__programme")
        .filter(trial=trial, withdrawn_at=None)
        .first()
    )


def delivers(trial: Trial, partner: Partner) -> bool:
    """Say whether a partner delivers what the arms get, as decided since the draw."""
    return Delivering.objects.filter(
        participation__trial=trial, participation__partner=partner, by_partner=True
    ).exists()


def list_delivering(trial: Trial) -> list[Delivering]:
    """Return which partners deliver, by name."""
    return list(
        Delivering.objects.filter(participation__trial=trial)
        .select_related("participation__partner", "decided_by")
        .order_by("participation__partner__name")
    )


def may_see_partner_arms(user: User, trial: Trial, partner: Partner) -> bool:
    """Say whether somebody may see the arms of a partner's people.

    Whoever runs delivery may; the partner's own coordinator only if the partner delivers.
    """
    if has_right(user, Right.SEE_ARMS, Scope(trial.programme, trial)):
        return True
    own = has_right(user, Right.SEE_PARTNER_ARMS, Scope(trial.programme, trial, partner))
    return own and delivers(trial, partner)


def assignments(
    trial: Trial, *, partner: Partner | None = None, code: str = ""
) -> QuerySet[Assignment]:
    """Return who got which arm, by partner and code; those whose code holds some letters."""
    found = Assignment.objects.filter(allocation__trial=trial).select_related(
        "participant__partner"
    )
    if partner is not None:
        found = found.filter(participant__partner=partner)
    if code.strip():
        found = found.filter(participant__staff_id__icontains=code.strip())
    return found.order_by("participant__partner__name", "participant__staff_id")


def tell_arms(trial: Trial, rows: Sequence[Assignment], today: date) -> list[Seen]:
    """Put arms in words, with where people are now and whom not to write to."""
    labels = {arm.id: arm.label for arm in declared(trial).arms}
    changed = standings(trial, today)
    told = []
    for row in rows:
        person, now = row.participant, changed.get(row.participant_id)
        told.append(
            Seen(
                person.partner.name,
                person.staff_id,
                now.team if now else person.team,
                now.building if now else person.building,
                labels.get(row.arm, row.arm),
                _note(now) if now else "",
            )
        )
    return told


def _note(now: Standing) -> str:
    said = (
        (now.left, "Left"),
        (now.on_leave, "On leave"),
        (not now.contact, "Do not contact"),
    )
    return ", ".join(words for is_so, words in said if is_so)


def compare_arms(trial: Trial, allocation: Allocation) -> list[Compared]:
    """Return the balance at baseline, arm by arm, as the core computed it at the draw."""
    labels = {arm.id: arm.label for arm in declared(trial).arms}
    by_arm: dict[str, list[dict[str, object]]] = {}
    for row in allocation.balance:
        by_arm.setdefault(row["arm"], []).append(row)
    return [_compare(labels.get(arm, arm), rows) for arm, rows in by_arm.items()]


def _compare(arm: str, rows: list[dict[str, object]]) -> Compared:
    labels = [_label(row) for row in rows]
    differences = [row["difference"] for row in rows]
    drawn = [
        (label, value if isinstance(value, float) else None)
        for label, value in zip(labels, differences, strict=True)
    ]
    table = tuple(
        (label, _value(row, "arm_value"), _value(row, "reference_value"), _said(value))
        for label, row, (_, value) in zip(labels, rows, drawn, strict=True)
    )
    return Compared(arm, draw_balance(f"{arm} against the reference arm", drawn), table)


def _label(row: dict[str, object]) -> str:
    category = str(row["category"]).replace("_", " ")
    return f"{row['label']}: {category}" if category else str(row["label"])


def _value(row: dict[str, object], key: str) -> str:
    value = row[key]
    if not isinstance(value, float):
        return "–"
    return f"{value:.0%}" if row["category"] else f"{value:,.1f}"


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")


def reasons_not_to_lock(trial: Trial) -> list[Fault]:
    """Say which returns are not signed off; the data can be locked all the same."""
    waiting = Return.objects.filter(trial=trial, accepted=None).select_related("partner")
    waves = {wave.id: wave.label for wave in declared(trial).waves}
    return [
        Fault(
            "the return is not signed off", f"{row.partner.name}, {waves.get(row.wave, row.wave)}"
        )
        for row in waiting.order_by("due_on", "partner__name")
    ]
