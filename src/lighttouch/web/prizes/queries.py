"""Where the prizes of a survey are, and who won."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from lighttouch.core.archive.prizes import (
    PrizeRecord,
    entries_path,
    parse_prize_record,
    record_path,
)
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.prizes.entrants import ticket_of
from lighttouch.web.prizes.models import Draw, Prize, Rule
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.returns.queries import today_of
from lighttouch.web.storage.queries import read_bytes
from lighttouch.web.surveys.models import Link, Window
from lighttouch.web.surveys.standing import is_over


@dataclass(frozen=True, slots=True)
class Won:
    """A prize that was won: by which partner's team, or by whom, as the partner knows them."""

    partner: Partner
    who: str


def find_prize(trial: Trial, wave: str) -> Prize | None:
    """Return the prizes of a wave's survey, if it was opened with any."""
    return _prizes().filter(survey__trial=trial, survey__wave=wave).first()


def find_published(trial: str, wave: str) -> Prize | None:
    """Return the prizes of a wave by the trial's slug, for everybody."""
    return _prizes().filter(survey__trial__slug=trial, survey__wave=wave).first()


def _prizes() -> QuerySet[Prize]:
    return Prize.objects.defer("sealed_secret").select_related("survey__trial__programme")


def find_draw(prize: Prize) -> Draw | None:
    """Return the draw, if there was one."""
    return Draw.objects.select_related("record", "entries", "drawn_by").filter(prize=prize).first()


def record_of(drawn: Draw) -> PrizeRecord:
    """Return the record of a draw."""
    text = read_bytes(drawn.record).decode()
    return parse_prize_record(text, record_path(drawn.prize.survey.wave))


def closed_everywhere(prize: Prize, now: datetime) -> bool:
    """Say whether a survey is closed at every partner, so that its prizes can be drawn."""
    windows = Window.objects.filter(survey=prize.survey_id)
    return all(is_over(one, today_of(now)) for one in windows)


def winners_of(drawn: Draw) -> list[Won]:
    """Return who won, in the order drawn: teams by code, or people by staff code."""
    prize = drawn.prize
    names = [one.entry for one in record_of(drawn).winners]
    if prize.rule == Rule.PERSON:
        return _people(prize, names)
    partners = {one.code: one for one in Partner.objects.filter(programme=_programme(prize))}
    pairs = [name.partition("/") for name in names]
    return [Won(partners[code], f"Team {team}") for code, _, team in pairs]


def winners_at(drawn: Draw, partner: Partner) -> list[Won]:
    """Return who won at one partner."""
    return [one for one in winners_of(drawn) if one.partner == partner]


def _programme(prize: Prize) -> int:
    return prize.survey.trial.programme_id


def _people(prize: Prize, tickets: list[str]) -> list[Won]:
    """Find whose tickets won; nothing but the site's key leads from a ticket to somebody."""
    keys = Link.objects.filter(survey=prize.survey_id).values_list("participant", flat=True)
    holders = {ticket_of(prize, key): key for key in set(keys)}
    won = [holders[one] for one in tickets if one in holders]  # none under another site key
    people = Participant.objects.select_related("partner").in_bulk(won)
    return [Won(people[key].partner, people[key].staff_id) for key in won]


def write_prizes(trial: Trial, folder: Path) -> None:
    """Write every draw of a trial's prizes as it goes into the archive."""
    found = Draw.objects.filter(prize__survey__trial=trial)
    for drawn in found.select_related("prize__survey", "record", "entries").order_by("pk"):
        wave = drawn.prize.survey.wave
        for name, stored in (
            (record_path(wave), drawn.record),
            (entries_path(wave), drawn.entries),
        ):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(read_bytes(stored))
