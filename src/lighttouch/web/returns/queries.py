"""What is asked of whom, what has come, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, QuerySet, Subquery

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.core.returns.comparing import WaveDifference, compare_waves
from lighttouch.web.programmes.models import Partner, Stage, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns.checking import Context
from lighttouch.web.returns.convert import Kind, findings_of, frame_of, group_findings
from lighttouch.web.returns.models import Explanation, Return, State, Version
from lighttouch.web.storage.queries import read_bytes

LONDON = ZoneInfo("Europe/London")


class Progress(StrEnum):
    """How far a return is, as the grid shows it."""

    NOT_OPEN = "not_open"
    WAITING = "waiting"
    LATE = "late"
    CHECKING = "checking"
    SENT_BACK = "sent_back"
    TO_EXPLAIN = "to_explain"
    READY = "ready"
    SIGNED_OFF = "signed_off"

    @property
    def label(self) -> str:
        """What people read."""
        return _LABELS[self]


_LABELS = {
    Progress.NOT_OPEN: "Not yet open",
    Progress.WAITING: "Waiting",
    Progress.LATE: "Late",
    Progress.CHECKING: "Being checked",
    Progress.SENT_BACK: "Sent back",
    Progress.TO_EXPLAIN: "To explain",
    Progress.READY: "Ready to sign off",
    Progress.SIGNED_OFF: "Signed off",
}
_PROGRESS = {
    State.CHECKING: Progress.CHECKING,
    State.PURGED: Progress.SENT_BACK,
    State.BLOCKED: Progress.SENT_BACK,
    State.CLEAN: Progress.READY,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A return with its current version, if one came.

    ``unexplained`` counts the kinds of finding that still ask for a word.
    """

    of: Return
    wave_label: str
    progress: Progress
    late: bool
    number: int
    people: int
    unexplained: int


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave with a return, as the trial file names it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One partner's returns, wave by wave; ``None`` where none is asked for."""

    partner: Partner
    cells: tuple[Standing | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Every return of a trial: partners down, waves across."""

    waves: tuple[Wave, ...]
    rows: tuple[GridRow, ...]

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Every cell there is."""
        return tuple(cell for row in self.rows for cell in row.cells if cell is not None)

    def count(self, progress: Progress) -> int:
        """How many returns are so far."""
        return sum(cell.progress == progress for cell in self.standings)

    @property
    def late(self) -> int:
        """How many are past their date and not signed off."""
        return sum(cell.late for cell in self.standings)


def today_of(now: datetime) -> date:
    """Return the calendar day in Britain, by which due dates go."""
    return now.astimezone(LONDON).date()


def waves_of(trial: DeclaredTrial) -> tuple[Wave, ...]:
    """Return the waves of a trial file that have a return, in order."""
    return tuple(Wave(w.id, w.label) for w in trial.waves if w.collect is not None)


def find_return(trial: Trial, partner: Partner, wave: str) -> Return | None:
    """Return what a partner is asked for at a wave, if anything."""
    return (
        Return.objects.select_related("trial__programme", "partner", "accepted", "signed_off_by")
        .filter(trial=trial, partner=partner, wave=wave)
        .first()
    )


def current_version(sent: Return) -> Version | None:
    """Return the version that came last, which is the one that counts."""
    return list_versions(sent).first()


def list_versions(sent: Return) -> QuerySet[Version]:
    """Return a return's versions, newest first, each knowing its return."""
    return (
        sent.versions.select_related(
            "for_return__trial__programme", "for_return__partner", "uploaded_by"
        )
        .prefetch_related("explanations")
        .order_by("-number")
    )


def kinds_of(version: Version) -> tuple[Kind, ...]:
    """Return what was found, fault by fault."""
    return group_findings(findings_of(version))


def unexplained_kinds(version: Version) -> tuple[Kind, ...]:
    """Return the kinds of finding that still ask for a word; none if the version did not pass."""
    if version.state != State.TO_EXPLAIN:
        return ()
    said = {one.kind for one in version.explanations.all()}
    return tuple(kind for kind in kinds_of(version) if kind.id not in said)


def explanations_of(version: Version) -> dict[str, Explanation]:
    """Return what was said about a version's findings, by kind."""
    return {one.kind: one for one in version.explanations.select_related("by")}


def standing_of(sent: Return, now: datetime) -> Standing:
    """Say how far a return is."""
    return next(iter(_standings(Return.objects.filter(pk=sent.pk), now)))


def returns_of_partner(trial: Trial, partner: Partner, now: datetime) -> list[Standing]:
    """Say how far each of a partner's returns is, in order of waves."""
    order = [wave.id for wave in waves_of(declared(trial))]
    found = _standings(Return.objects.filter(trial=trial, partner=partner), now)
    return sorted(found, key=lambda s: order.index(s.of.wave) if s.of.wave in order else 99)


def collection_grid(trial: Trial, now: datetime) -> Grid:
    """Return how far every return of a trial is; the number of queries does not grow."""
    waves = waves_of(declared(trial))
    cells: dict[Partner, dict[str, Standing]] = {}
    for standing in _standings(Return.objects.filter(trial=trial), now):
        cells.setdefault(standing.of.partner, {})[standing.of.wave] = standing
    rows = (
        GridRow(partner, tuple(found.get(wave.id) for wave in waves))
        for partner, found in sorted(cells.items(), key=lambda item: item[0].name)
    )
    return Grid(waves, tuple(rows))


def _standings(returns: QuerySet[Return], now: datetime) -> Iterable[Standing]:
    newest = Version.objects.filter(for_return=OuterRef("pk")).order_by("-number")
    said = newest.annotate(said=Count("explanations"))
    rows = returns.select_related("partner", "trial__programme", "accepted")
    rows = rows.defer("accepted__findings").annotate(
        number=Subquery(newest.values("number")[:1]),
        state=Subquery(newest.values("state")[:1]),
        asked=Subquery(newest.values("kinds_to_explain")[:1]),
        said=Subquery(said.values("said")[:1]),
        people=Subquery(newest.values("people")[:1]),
    )
    today = today_of(now)
    labels: dict[int, dict[str, str]] = {}
    for row in rows:
        if row.trial_id not in labels:
            labels[row.trial_id] = {w.id: w.label for w in waves_of(declared(row.trial))}
        left = (row.asked or 0) - (row.said or 0)
        signed_off = row.accepted_id is not None
        yield Standing(
            of=row,
            wave_label=labels[row.trial_id].get(row.wave, row.wave),
            progress=_progress(row, row.state, left, today),
            late=not signed_off and today > row.due_on,
            number=row.number or 0,
            people=row.accepted.people if row.accepted else row.people or 0,
            unexplained=left,
        )


def _progress(sent: Return, state: str | None, unexplained: int, today: date) -> Progress:
    if sent.accepted_id is not None:
        return Progress.SIGNED_OFF
    if state is None:
        if today > sent.due_on:
            return Progress.LATE
        return Progress.NOT_OPEN if today < sent.opens_on else Progress.WAITING
    if state == State.TO_EXPLAIN:
        return Progress.TO_EXPLAIN if unexplained else Progress.READY
    return _PROGRESS[State(state)]


def missing(trial: Trial, wave: str) -> list[Partner]:
    """Return the partners whose return for a wave is not signed off, by name."""
    asked = Return.objects.filter(trial=trial, wave=wave, accepted=None)
    return [row.partner for row in asked.select_related("partner").order_by("partner__name")]


def late(trial: Trial, today: date) -> list[Return]:
    """Return the returns past their date and not signed off, longest overdue first."""
    return list(
        Return.objects.filter(trial=trial, accepted=None, due_on__lt=today)
        .select_related("partner")
        .order_by("due_on", "partner__name")
    )


def accepted_files(trial: Trial) -> dict[tuple[str, str], tuple[str, bytes]]:
    """Return the files that were signed off: (partner, wave) to their kind and their bytes."""
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for row in _accepted(trial).select_related("accepted__original"):
        assert row.accepted is not None  # the query asks for those
        assert row.accepted.original is not None  # the database sees to it
        content = read_bytes(row.accepted.original)
        found[row.partner.code, row.wave] = (row.accepted.filename_suffix, content)
    return found


def _accepted(trial: Trial) -> QuerySet[Return]:
    """Return what is signed off, without the files, which can be large."""
    return (
        Return.objects.filter(trial=trial, accepted__isnull=False)
        .select_related("partner", "accepted__for_return__partner")
        .defer("accepted__findings")
    )


def earlier_versions(sent: Return) -> list[Version]:
    """Return the accepted versions of a partner's earlier waves, in order of waves."""
    order = [wave.id for wave in waves_of(declared(sent.trial))]
    before = order[: order.index(sent.wave)] if sent.wave in order else []
    rows = _accepted(sent.trial).filter(partner=sent.partner, wave__in=before)
    versions = {row.wave: row.accepted for row in rows}
    return [version for wave in before if (version := versions.get(wave)) is not None]


def context_of(sent: Return) -> Context:
    """Return what a return is checked against: earlier waves of the partner, other partners."""
    trial = declared(sent.trial)
    others = _accepted(sent.trial).filter(wave=sent.wave).exclude(partner=sent.partner)
    return Context(
        trial=trial,
        partner=sent.partner.code,
        wave=sent.wave,
        earlier={v.for_return.wave: frame_of(v, trial) for v in earlier_versions(sent)},
        others={
            row.partner.code: frame_of(row.accepted, trial)
            for row in others.select_related("accepted__canonical").iterator(chunk_size=8)
            if row.accepted is not None
        },
    )


def is_stale(version: Version) -> bool:
    """Say whether an earlier return was signed off or changed since a version was checked."""
    return bool(version.compared_with != [v.pk for v in earlier_versions(version.for_return)])


def difference_from_earlier(version: Version) -> tuple[str, WaveDifference] | None:
    """Say who joined, left or moved team since the last wave signed off; None at the first.

    It holds staff codes: for the partner's own coordinator only.
    """
    before = earlier_versions(version.for_return)
    if not before:
        return None
    trial = declared(version.for_return.trial)
    change = compare_waves(frame_of(before[-1], trial), frame_of(version, trial))
    return before[-1].for_return.wave, change


def why_closed(sent: Return) -> str:
    """Say why no file can be taken for a return now; empty if one can."""
    trial = sent.trial
    if sent.accepted_id is not None:
        return "the return is signed off"
    if trial.has_reached(Stage.LOCKED):
        return "the trial's data are locked"
    if is_baseline(sent) and trial.has_reached(Stage.ENROLLED):
        return "the roster is frozen, and this return is what it was made from"
    return ""


def why_not_reopened(sent: Return) -> str:
    """Say why a signed-off return cannot be opened again; empty if it can."""
    trial = sent.trial
    if sent.accepted_id is None:
        return "the return is not signed off"
    if trial.has_reached(Stage.LOCKED):
        return "the trial's data are locked"
    if is_baseline(sent) and trial.has_reached(Stage.ENROLLED):
        return "the roster was frozen from it"
    return ""


def is_baseline(sent: Return) -> bool:
    """Say whether the roster is made from a return: that of the first wave."""
    return sent.wave == declared(sent.trial).baseline_wave.id


def must_find(trial: Trial, partner: Partner, wave: str) -> Return:
    """Return what a partner is asked for at a wave.

    Raises
    ------
    ReturnError
        If nothing is asked for.
    """
    sent = find_return(trial, partner, wave)
    if sent is None:
        raise ReturnError(
            "no return is asked of this partner at this wave",
            where=f"{partner.code}, {wave}",
            remedy="Register the protocol, and name a wave of it that has a return",
        )
    return sent
