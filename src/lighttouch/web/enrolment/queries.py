"""Who was screened, left out and enrolled, and how people stand since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lighttouch.core.errors import ArchiveError
from lighttouch.web.enrolment.models import (
    ArmCount,
    Event,
    Happening,
    Participant,
    Roster,
    RosterCount,
    Withdrawal,
)
from lighttouch.web.enrolment.tables import Exclusions, tabulate
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """How many got an arm; ``units`` are people or clusters."""

    arm: str
    label: str
    units: int
    people: int


@dataclass(frozen=True, slots=True)
class Since:
    """Of those enrolled, how many something happened to since; everybody still counts."""

    left: int
    moved: int
    on_leave: int
    stop_contact: int
    stop_collection: int
    erased: int


@dataclass(frozen=True, slots=True)
class Flow:
    """From everyone screened to the arms; the numbers always add up.

    ``arms`` is empty before the draw.
    """

    exclusions: Exclusions
    arms: tuple[ArmFlow, ...]
    since: Since

    @property
    def screened(self) -> int:
        """Everyone on the roster."""
        return self.exclusions.screened

    @property
    def excluded(self) -> dict[str, int]:
        """How many each rule left out, by its reason."""
        return self.exclusions.by_reason

    @property
    def enrolled(self) -> int:
        """Everyone no rule left out."""
        return self.exclusions.enrolled


@dataclass(frozen=True, slots=True)
class Standing:
    """How a participant stands on a day, after all that was recorded."""

    team: str
    building: str
    left: bool = False
    on_leave: bool = False
    contact: bool = True
    collection: bool = True
    erased: bool = False


def find_roster(trial: Trial) -> Roster | None:
    """Return the frozen roster of a trial, if it has one."""
    return Roster.objects.select_related("file", "frozen_by").filter(trial=trial).first()


def exclusions(trial: Trial) -> Exclusions:
    """Return how many each rule left out at each partner; the number of queries does not grow."""
    rows = RosterCount.objects.filter(trial=trial).select_related("partner")
    counts = {(row.partner.code, row.excluded_because): row.people for row in rows}
    return tabulate(declared(trial), counts, {row.partner.code: row.partner for row in rows})


def flow(trial: Trial) -> Flow:
    """Return the flow of participants of a trial whose roster is frozen.

    Raises
    ------
    ArchiveError
        If the numbers do not add up; nobody should rely on any of them then.
    """
    roster = Roster.objects.filter(trial=trial).first()
    if roster is None:
        raise ArchiveError(
            "the roster is not frozen yet", where=trial.slug, remedy="Freeze the roster first"
        )
    labels = {arm.id: arm.label for arm in declared(trial).arms}
    arms = tuple(
        ArmFlow(row.arm, labels.get(row.arm, row.arm), row.units, row.people)
        for row in ArmCount.objects.filter(trial=trial)
    )
    told = Flow(exclusions(trial), arms, count_since(trial))
    _reconcile(told, roster)
    return told


def _reconcile(told: Flow, roster: Roster) -> None:
    """Raise if anybody is counted twice or not at all."""
    arms = sum(arm.people for arm in told.arms)
    wrong = {
        "everyone screened": told.screened != roster.people,
        "everyone enrolled": told.enrolled != roster.randomisable,
        "the reasons for exclusion": sum(told.excluded.values()) + told.enrolled != told.screened,
        "the arms": bool(told.arms) and arms != told.enrolled,
    }
    if any(wrong.values()):
        listed = ", ".join(what for what, is_wrong in wrong.items() if is_wrong)
        raise ArchiveError(
            f"the flow of participants does not add up: {listed}",
            where=roster.trial.slug,
            remedy="Restore the database from a backup",
        )


def verify_flow(trial: Trial) -> None:
    """Count the participants one by one and compare; slower than :func:`flow`, which it calls.

    Raises
    ------
    ArchiveError
        If anybody was added, taken away or changed since the roster was frozen.
    """
    told = flow(trial)
    people = Participant.objects.filter(trial=trial)
    counted = {
        (row["partner__code"], row["excluded_because"]): row["people"]
        for row in people.values("partner__code", "excluded_because").annotate(people=Count("pk"))
    }
    if counted != {key: number for key, number in told.exclusions.counts.items() if number}:
        raise ArchiveError(
            "the participants are not those of the frozen roster",
            where=trial.slug,
            remedy="Restore the database from a backup",
        )


def count_since(trial: Trial, partner: Partner | None = None) -> Since:
    """Count those enrolled to whom something happened, each once for each thing."""
    happened = Happening.objects.filter(
        participant__trial=trial, participant__excluded_because="", cancelled_at=None
    )
    if partner is not None:
        happened = happened.filter(participant__partner=partner)
    back = happened.filter(
        participant=OuterRef("participant"), event=Event.RETURNED, on__gte=OuterRef("on")
    )
    found = happened.annotate(back=Exists(back)).aggregate(
        left=_people(event=Event.LEFT),
        moved=_people(event=Event.TRANSFER),
        on_leave=_people(event=Event.ON_LEAVE, back=False),
        stop_contact=_people(event=Event.WITHDRAWAL),
        stop_collection=_people(detail__in=(Withdrawal.STOP_COLLECTION, Withdrawal.ERASE)),
        erased=_people(detail=Withdrawal.ERASE),
    )
    return Since(**found)


def _people(**which: object) -> Count:
    return Count("participant", distinct=True, filter=Q(**which))


def find_participants(
    trial: Trial, partner: Partner, codes: Iterable[str]
) -> dict[str, Participant]:
    """Find people of a partner's roster by code; a code nobody has is left out.

    Spaces around a code do not matter; nor does its case, if that leaves one person.
    """
    people = Participant.objects.filter(trial=trial, partner=partner).select_related(
        "partner", "trial"
    )
    wanted = {code: code.strip() for code in codes}
    exact = {one.staff_id: one for one in _in_batches(people, "staff_id__in", wanted.values())}
    found = {code: exact[plain] for code, plain in wanted.items() if plain in exact}
    for code, plain in wanted.items():
        if code not in found and plain:
            alike = list(people.filter(staff_id__iexact=plain)[:2])
            if len(alike) == 1:
                found[code] = alike[0]
    return found


def _in_batches(
    people: QuerySet[Participant], lookup: str, values: Iterable[str]
) -> Iterable[Participant]:
    listed = sorted(set(values))
    for start in range(0, len(listed), 500):
        yield from people.filter(**{lookup: listed[start : start + 500]})


def happenings_of(trial: Trial, partner: Partner) -> QuerySet[Happening]:
    """Return what was recorded about a partner's people, newest record first."""
    return (
        Happening.objects.filter(participant__trial=trial, participant__partner=partner)
        .select_related("participant", "recorded_by", "cancelled_by")
        .order_by("-recorded_at", "-pk")
    )


def standing(participant: Participant, on: date) -> Standing:
    """Say how somebody stands on a day; a withdrawal counts as soon as it is recorded."""
    return _stand(participant, participant.happenings.filter(cancelled_at=None), on)


def standings(trial: Trial, on: date) -> Mapping[int, Standing]:
    """Say how everybody stands to whom something happened, by participant.

    Anybody not in it stands as the roster has them. Two queries, however many people there are.
    """
    happened = (
        Happening.objects.filter(participant__trial=trial, cancelled_at=None)
        .select_related("participant")
        .order_by("on", "pk")
    )
    by_person: dict[int, list[Happening]] = {}
    for one in happened:
        by_person.setdefault(one.participant_id, []).append(one)
    return {pk: _stand(those[0].participant, those, on) for pk, those in by_person.items()}


def _stand(participant: Participant, happened: Iterable[Happening], on: date) -> Standing:
    team, building = participant.team, participant.building
    left = leave = False
    asked: set[str] = set()
    for one in happened:
        if one.event == Event.WITHDRAWAL:
            asked.add(one.detail)
        elif one.on <= on:
            left = left or one.event == Event.LEFT
            leave = one.event == Event.ON_LEAVE or (leave and one.event != Event.RETURNED)
            team, building = one.team or team, one.building or building
    no_more = {Withdrawal.STOP_COLLECTION, Withdrawal.ERASE}
    return Standing(
        team=team,
        building=building,
        left=left,
        on_leave=leave,
        contact=not asked,
        collection=not asked & no_more,
        erased=Withdrawal.ERASE in asked,
    )
