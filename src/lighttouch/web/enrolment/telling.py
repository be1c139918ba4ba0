"""What somebody says happened to a participant, checked before it is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lighttouch.core.errors import Fault, InputError
from lighttouch.web.enrolment.models import Event, Participant, Withdrawal
from lighttouch.web.enrolment.queries import find_participants
from lighttouch.web.enrolment.words import check_code
from lighttouch.web.programmes.models import Partner, Stage, Trial

BACK = timedelta(days=366)
AHEAD = timedelta(days=366)


UNKNOWN = Fault(
    "nobody on the partner's roster has this code",
    "staff code",
    "Give the code as the baseline return has it",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to one person of a partner."""

    staff_id: str
    event: Event
    on: date
    detail: str = ""
    team: str = ""
    building: str = ""


def check_all(
    trial: Trial, partner: Partner, told: Sequence[Told], *, places: Sequence[str], today: date
) -> list[tuple[Participant, Told]]:
    """Return what was told with whom it is about; nothing is recorded.

    Raises
    ------
    InputError
        With every fault, by its place.
    """
    found = find_participants(trial, partner, {one.staff_id for one in told})
    checked: list[tuple[Participant, Told]] = []
    faults: list[Fault] = []
    for number, one in enumerate(told):
        try:
            refuse_unless_open(trial, one.event)
            plain = check_told(one, today=today)
        except InputError as error:
            faults += _place(error.faults, places, number)
            continue
        if one.staff_id in found:
            checked.append((found[one.staff_id], plain))
        else:
            faults += _place([UNKNOWN], places, number)
    if faults:
        raise InputError(faults)
    return checked


def _place(faults: Sequence[Fault], places: Sequence[str], number: int) -> list[Fault]:
    if not places:
        return list(faults)
    return [Fault(f.what, f"{places[number]}, {f.where}", f.remedy) for f in faults]


def check_told(told: Told, *, today: date) -> Told:
    """Return what was told, with its codes trimmed.

    Raises
    ------
    InputError
        If the day is not plausible, or what goes with the event is missing or does not belong.
    """
    _check_day(told, today)
    if told.event == Event.WITHDRAWAL and told.detail not in Withdrawal.values:
        raise InputError(
            "nothing says how far the person withdraws",
            where="how far",
            remedy="Choose: stop contact, stop collection or erase",
        )
    if told.event != Event.WITHDRAWAL and told.detail:
        raise InputError("only a withdrawal says how far", where="how far", remedy="Leave it empty")
    team, building = told.team.strip(), told.building.strip()
    if told.event == Event.TRANSFER and not (team or building):
        raise InputError(
            "nothing says where the person moved",
            where="team",
            remedy="Give the code of the new team, or of the new building",
        )
    if told.event != Event.TRANSFER and (team or building):
        raise InputError(
            "only a move names a team or building", where="team", remedy="Leave it empty"
        )
    return Told(
        told.staff_id,
        told.event,
        told.on,
        told.detail,
        check_code(team, "team") if team else "",
        check_code(building, "building") if building else "",
    )


def _check_day(told: Told, today: date) -> None:
    if told.event == Event.WITHDRAWAL and told.on > today:
        raise InputError(
            "the day is still to come", where="date", remedy="Give the day the person told you"
        )
    if not today - BACK <= told.on <= today + AHEAD:
        raise InputError("the day is more than a year away", where="date", remedy="Check the year")


def refuse_unless_open(trial: Trial, event: str) -> None:
    """Refuse what cannot be recorded at this stage of a trial.

    Raises
    ------
    InputError
        If the roster is not frozen, or the data are locked and it is no withdrawal.
    """
    if not trial.has_reached(Stage.ENROLLED):
        raise InputError(
            "the roster is not frozen yet",
            where=trial.slug,
            remedy="Have the return put right instead",
        )
    if trial.has_reached(Stage.LOCKED) and event != Event.WITHDRAWAL:
        raise InputError(
            "the trial's data are locked", where=trial.slug, remedy="Record withdrawals only"
        )
