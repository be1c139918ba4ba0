"""The spreadsheet a council officer fills in: one sheet of data, one of help, lists behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from lighttouch.core.protocol.people import ExtraColumn, Partner
from lighttouch.core.protocol.placing import place_new
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.checking import place_return
from lighttouch.core.returns.choices import choice_label
from lighttouch.core.returns.columns import Column
from lighttouch.core.returns.guarding import check_workbook_name, column_letter
from lighttouch.core.returns.headings import columns_of
from lighttouch.core.returns.needs import needed_columns
from lighttouch.core.returns.periods import Period, count_working_days
from lighttouch.core.returns.rules import LONGEST_TENURE, WEEK

SHEET = "Return"
ROWS_CHECKED = 5_000
ROWS_RULED = 200
_DATE_FORMAT = (
    "d mmm yyyy"  # the month in letters: no program's locale can exchange it with the day
)
_CREATED = datetime(2019, 1, 1)  # noqa: DTZ001 - a fixed moment, so that the bytes never change
_COUNTED = ("absence_days", "illness_days", "illness_spells")
_INK, _PAPER, _FIELD, _LINE = "#1d3557", "#eef3f8", "#fff8e1", "#b8c4d0"

AnyColumn = Column | ExtraColumn


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything the sheets are written from."""

    trial: Trial
    partner: Partner
    wave_id: str
    period: Period
    due: date
    columns: Sequence[AnyColumn]


def write_template(trial: Trial, *, partner_id: str, wave_id: str, path: Path) -> None:
    """Write the blank return of one partner for one wave as ``.xlsx``.

    The same arguments give the same bytes. Headings are locked without a password; the cells to
    fill in are not.

    Raises
    ------
    ReturnError
        If the trial has no such partner or wave, or the partner's launch is not set.
    InputError
        If ``path`` does not end in ``.xlsx``.
    ProtocolError
        If the file exists: it may be a return that somebody has filled in.
    """
    check_workbook_name(path)
    partner, period = place_return(trial, partner_id, wave_id)
    collect = trial.wave(wave_id).collect
    assert collect is not None  # place_return has seen to it
    assert partner.launch is not None
    columns = [_with_shown_choices(column, trial) for column in columns_of(trial, wave_id)]
    plan = _Plan(trial, partner, wave_id, period, collect.due.after(partner.launch), columns)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True}) as book:
        book.set_properties({"title": f"{trial.title}: staff return", "created": _CREATED})
        styles = _Styles(book)
        sheet, guide, lists = (book.add_worksheet(n) for n in (SHEET, "Guide", "Lists"))
        places = _write_lists(lists, columns)
        _write_return(sheet, plan, styles, places)
        _write_guide(guide, plan, styles)
    place_new(whole.getvalue(), path)


def _with_shown_choices(column: AnyColumn, trial: Trial) -> AnyColumn:
    roles = trial.population.roles
    if column.id == "role" and isinstance(column, Column) and roles:
        shown = (*roles, *(() if "other" in roles else ("other",)))
        return Column(column.id, column.heading, "choice", column.required, column.help, shown)
    return column


class _Styles:
    """The formats of the workbook; ``open`` ones are those an officer may type in."""

    def __init__(self, book: Workbook) -> None:
        base = {"font_name": "Arial", "font_size": 10, "valign": "vcenter"}
        line = {"border": 1, "border_color": _LINE}

        def style(**keys: object) -> Format:
            return book.add_format(base | keys)

        self.title = style(bold=True, font_size=16, font_color=_INK)
        self.subtitle = style(font_color="#4a5568")
        self.rule = style(text_wrap=True)
        self.label = style(bold=True, font_color=_INK)
        self.field = style(bg_color=_FIELD, locked=False, **line)
        self.field_date = style(
            bg_color=_FIELD, locked=False, num_format=_DATE_FORMAT, align="left", **line
        )
        self.fixed = style(bg_color=_PAPER, **line)
        self.band = style(
            bold=True, bg_color="#457b9d", font_color="white", align="center", text_wrap=True
        )
        self.heading = style(
            bold=True, bg_color=_INK, font_color="white", text_wrap=True, align="center", **line
        )
        self.cells = {
            "text": style(num_format="@", locked=False, **line),
            "choice": style(locked=False, **line),
            "yes_no": style(locked=False, **line),
            "number": style(num_format="General", locked=False, align="right", **line),
            "count": style(num_format="0", locked=False, align="right", **line),
            "date": style(num_format=_DATE_FORMAT, locked=False, align="right", **line),
        }
        plain = {"text": "@", "date": "dd/mm/yyyy", "count": "0"}
        self.open = {
            kind: style(num_format=plain.get(kind, "General"), locked=False) for kind in self.cells
        }
        self.wrapped = style(text_wrap=True, valign="top", **line)
        self.wrapped_bold = style(text_wrap=True, valign="top", bold=True, **line)


def _choices_of(column: AnyColumn) -> tuple[str, ...]:
    if column.kind == "yes_no":
        return ("Yes", "No")
    return tuple(choice_label(choice) for choice in column.choices)


def _write_lists(sheet: Worksheet, columns: Sequence[AnyColumn]) -> dict[str, str]:
    """Write each column's choices to the hidden sheet and return the ranges they stand in."""
    sheet.hide()
    sheet.protect()
    places: dict[str, str] = {}
    for column in columns:
        choices = _choices_of(column)
        if choices:
            position = len(places)
            letter = column_letter(position)
            sheet.write_column(0, position, (column.heading, *choices))
            places[column.id] = f"=Lists!${letter}$2:${letter}${len(choices) + 1}"
    return places


def rules_in_words(partner: str, due: date) -> tuple[str, ...]:
    """Return the rules of a return, as the template prints them above the headings."""
    return (
        f"Please fill in one row for each member of staff and send the file back by {_say(due)}.",
        "Use codes for people, teams and buildings. Never put a name, e-mail address, telephone "
        "number or National Insurance number anywhere in this file.",
        "Keep the list that says which code is whose, and never send it to us. Give each person "
        "the same code at every collection; each team has its own code.",
        f"Include everyone who has left since the last collection, with the day they left "
        f"{partner}. Leave a cell empty if the answer is not known.",
        "Count working days only (half days are fine), and only within the dates shown above the "
        "three absence columns.",
    )


def _say(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _write_return(sheet: Worksheet, plan: _Plan, styles: _Styles, places: dict[str, str]) -> None:
    last = len(plan.columns) - 1
    sheet.hide_gridlines(2)
    sheet.set_row(0, 26)
    sheet.write(0, 0, f"Staff return: {plan.trial.wave(plan.wave_id).label}", styles.title)
    sheet.write(1, 0, plan.trial.title, styles.subtitle)
    rules = rules_in_words(plan.partner.name, plan.due)
    for number, rule in enumerate(rules, start=1):
        sheet.merge_range(1 + number, 0, 1 + number, last, f"{number}.  {rule}", styles.rule)
        sheet.set_row(1 + number, 18)
    row = _write_fields(sheet, plan, styles, len(rules) + 3)
    _write_band(sheet, plan, styles, row)
    _write_columns(sheet, plan, styles, places, row + 1)
    sheet.freeze_panes(row + 2, 1)
    sheet.protect("", _ALLOWED)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(row, row + 1)
    sheet.print_area(0, 0, row + 1 + ROWS_RULED, last)
    sheet.set_footer("&L&A&RPage &P of &N")


_ALLOWED = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}


def _write_fields(sheet: Worksheet, plan: _Plan, styles: _Styles, row: int) -> int:
    wave = plan.trial.wave(plan.wave_id)
    days = f"{_short(plan.period.start)} to {_short(plan.period.last_day)}"
    fields = (
        ("Local Authority:", plan.partner.name, styles.field),
        ("Date data retrieved:", None, styles.field_date),
        ("Collection:", wave.label, styles.fixed),
        ("Period covered:", days, styles.fixed),
    )
    for offset, (label, value, style) in enumerate(fields):
        sheet.write(row + offset, 0, label, styles.label)
        sheet.merge_range(row + offset, 1, row + offset, 3, "", style)
        if value is None:
            sheet.write_blank(row + offset, 1, None, style)
        else:
            sheet.write_string(row + offset, 1, value, style)
    sheet.data_validation(
        row + 1, 1, row + 1, 1,
        {
            "validate": "date", "criteria": ">=", "value": date(2000, 1, 1),
            "input_title": "Date data retrieved",
            "input_message": "The day the figures left your systems, such as 31/01/2020.",
            "error_title": "Not a date", "error_message": "Type a date such as 31/01/2020.",
        },
    )  # fmt: skip
    return row + len(fields) + 1


def _short(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _write_band(sheet: Worksheet, plan: _Plan, styles: _Styles, row: int) -> None:
    positions = [i for i, column in enumerate(plan.columns) if column.id in _COUNTED]
    days = f"In the period {_short(plan.period.start)} to {_short(plan.period.last_day)}"
    text = f"{days} (both days included)"
    sheet.set_row(row, 30)
    sheet.merge_range(row, positions[0], row, positions[-1], text, styles.band)


def _write_columns(
    sheet: Worksheet, plan: _Plan, styles: _Styles, places: dict[str, str], row: int
) -> None:
    sheet.set_row(row, 48)
    first, last = row + 1, row + ROWS_CHECKED
    for position, column in enumerate(plan.columns):
        least = 21 if position == 0 else 13
        width = max(least, min(26, len(column.heading) * 0.75 + 4, _widest(column)))
        sheet.set_column(position, position, width, styles.open[column.kind])
        sheet.write_string(row, position, column.heading, styles.heading)
        style = styles.cells[column.kind]
        for line in range(first, first + ROWS_RULED):
            sheet.write_blank(line, position, None, style)
        options = _validation(column, places) | _message(column)
        sheet.data_validation(first, position, last, position, options)


def _widest(column: AnyColumn) -> float:
    return max((len(choice) + 4.0 for choice in _choices_of(column)), default=18.0)


def _message(column: AnyColumn) -> dict[str, object]:
    words = column.help or column.heading
    return {"input_title": column.heading[:32], "input_message": words[:255]}


def _validation(column: AnyColumn, places: dict[str, str]) -> dict[str, object]:
    if column.id in places:
        return {
            "validate": "list",
            "source": places[column.id],
            "error_title": "Not in the list",
            "error_message": "Choose from the list.",
        }
    if column.kind == "date":
        return {
            "validate": "date",
            "criteria": ">=",
            "value": date(1950, 1, 1),
            "error_title": "Not a date",
            "error_message": "Type a date such as 31/01/2020, or leave the cell empty.",
        }
    if column.kind in ("number", "count"):
        return _number_validation(column)
    return {
        "validate": "length",
        "criteria": "<=",
        "value": 60,
        "error_title": "Too long for a code",
        "error_message": "Type the code only.",
    }


def _number_validation(column: AnyColumn) -> dict[str, object]:
    most = {"tenure_months": LONGEST_TENURE, "days_per_week": WEEK}.get(column.id, 1_000_000)
    most = 400 if column.id in _COUNTED else most
    whole = column.kind == "count"
    return {
        "validate": "integer" if whole else "decimal",
        "criteria": "between",
        "minimum": 0,
        "maximum": most,
        "error_title": "Not a number we can use",
        "error_message": f"Type a {'whole ' if whole else ''}number from 0 to {most:,}, "
        "or leave the cell empty.",
    }


def _write_guide(sheet: Worksheet, plan: _Plan, styles: _Styles) -> None:
    needs = needed_columns(plan.trial, plan.wave_id)
    working = count_working_days(plan.period.start, plan.period.end, plan.partner.nation)
    sheet.hide_gridlines(2)
    for position, width in enumerate((30, 58, 42, 16)):
        sheet.set_column(position, position, width)
    sheet.write(0, 0, "Column by column", styles.title)
    sheet.set_row(0, 26)
    note = f"There are {working} working days in the period, bank holidays left out."
    sheet.write(1, 0, note, styles.subtitle)
    sheet.write_row(3, 0, ("Column", "What to put", "Accepted", "Needed"), styles.heading)
    for row, column in enumerate(plan.columns, start=4):
        required = isinstance(column, Column) and column.required
        needed = "Always" if required else ("Please" if column.id in needs else "If you have it")
        lines = max(-(-len(column.help) // 56), -(-len(_accepted(column)) // 40), 1)
        sheet.set_row(row, 4 + 14 * lines)
        sheet.write_string(row, 0, column.heading, styles.wrapped_bold)
        sheet.write_string(row, 1, column.help, styles.wrapped)
        sheet.write_string(row, 2, _accepted(column), styles.wrapped)
        sheet.write_string(row, 3, needed, styles.wrapped)
    sheet.protect()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _accepted(column: AnyColumn) -> str:
    kinds = {
        "text": "A code of letters and figures" if isinstance(column, Column) else "Text",
        "number": "A number, 0 or more; halves are fine",
        "count": "A whole number, 0 or more",
        "date": "A date, such as 31/01/2020",
    }
    return kinds.get(column.kind) or "; ".join(_choices_of(column))
