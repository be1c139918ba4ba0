"""Private links handed to a partner: on paper, or as a table to join to names on its machine."""

import io
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.enrolment.models import Event, Happening
from lighttouch.web.enrolment.queries import find_participants
from lighttouch.web.returns.marking import write_table
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.models import Link, Window
from lighttouch.web.surveys.queries import address_of
from lighttouch.web.surveys.slip_codes import in_groups, slip_code
from lighttouch.web.surveys.standing import is_over

HEADINGS = ("Staff ID", "Team ID", "Private link")
WIDTHS = (16, 16, 60)


class Taken(StrEnum):
    """What the links are handed over as."""

    SLIPS = "slips"
    TABLE = "table"
    WORKBOOK = "workbook"
    ONE_SLIP = "one slip"


@dataclass(frozen=True, slots=True)
class Handed:
    """One person's staff code, team, private address, and letters to type in a meeting."""

    code: str
    team: str
    address: str
    letters: str = ""


@transaction.atomic
def take_links(
    *, window: Window, form: Taken, by: User, now: datetime, only: Link | None = None
) -> list[Handed]:
    """Hand over the links of a partner's people, by team and code; written down as an act.

    Everybody still asked is among them, whether they answered, declined or neither, so that nobody
    can tell who did. Those who left or withdrew, which the partner knows, are not.

    Parameters
    ----------
    only
        The link to hand over, where it is that of one person.

    Raises
    ------
    InputError
        If the survey is closed, or nobody is asked.
    """
    if is_over(window, today_of(now)):
        raise InputError(
            "the survey is closed", where="links", remedy="Ask the research team to extend it"
        )
    found = [_hand(one) for one in _links(window, now) if only is None or one.pk == only.pk]
    if not found:
        raise InputError("nobody is asked here any more", where="links")
    trial = window.survey.trial
    record(
        act="survey.links_taken",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=window.partner.code,
        details={"wave": window.survey.wave, "form": form.value, "people": len(found)},
    )
    return found


def _hand(link: Link) -> Handed:
    return Handed(
        link.participant.staff_id,
        link.participant.team,
        f"{settings.SITE_URL.rstrip('/')}{address_of(link)}",
        in_groups(slip_code(link)),
    )


def _links(window: Window, now: datetime) -> list[Link]:
    gone = Happening.objects.filter(
        participant=OuterRef("participant"),
        event__in=(Event.LEFT, Event.WITHDRAWAL),
        on__lte=today_of(now),
        cancelled_at=None,
    )
    alive = Link.objects.filter(
        survey=window.survey_id, participant__partner=window.partner_id, ended_at=None
    )
    return list(
        alive.exclude(Exists(gone))
        .select_related("participant")
        .order_by("participant__team", "participant__staff_id")
    )


def links_workbook(handed: list[Handed]) -> bytes:
    """Return links as a workbook of plain text, which is never taken for formulas; no names."""
    import xlsxwriter

    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, plain) as book:
        sheet = book.add_worksheet("Links")
        sheet.freeze_panes(1, 0)
        for place, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, book.add_format({"bold": True}))
        for row, one in enumerate(handed, start=1):
            for place, cell in enumerate((one.code, one.team, one.address)):
                sheet.write_string(row, place, cell)
    return out.getvalue()


def find_one(window: Window, code: str) -> Link | None:
    """Return the live link of one of a partner's people, by staff code."""
    found = find_participants(window.survey.trial, window.partner, [code])
    person = next(iter(found.values()), None)
    if person is None:
        return None
    alive = Link.objects.filter(survey=window.survey_id, participant=person, ended_at=None)
    return alive.select_related("participant").first()


def links_table(handed: list[Handed]) -> bytes:
    """Return links as comma-separated text that no spreadsheet takes for formulas; no names."""
    return write_table(HEADINGS, [(one.code, one.team, one.address) for one in handed]).encode()
