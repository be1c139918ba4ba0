"""The log of co-design keeps what was said, never who said it."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.archive.guarding import find_personal
from lighttouch.core.archive.tabular import read_table
from lighttouch.core.errors import InputError
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import CodesignEntry, Kind, Quote
from lighttouch.web.partners.queries.codesign import quotes_csv, themes
from tests.web.cast import NOW, Cast, make_programme
from tests.web.partners.making import TODAY


@pytest.fixture
def entry(cast: Cast) -> CodesignEntry:
    return actions.log_entry(
        programme=cast.programme,
        trial=cast.trial,
        kind=Kind.WORKSHOP,
        on=TODAY,
        title="First workshop",
        text="Twelve social workers drew their week.",
        by=cast["researcher"],
        now=NOW,
    )


def quote(cast: Cast, entry: CodesignEntry, text: str, theme: str = "Time pressure") -> Quote:
    return actions.add_quote(
        entry=entry, theme=theme, role="Social worker", text=text, by=cast["researcher"], now=NOW
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ask Sarah Jones, she knows",
        "Write to me at s.j@place.example",
        "Ring 020 7946 0018 after five",
        "My number is QQ 12 34 56 C",
    ],
)
def test_quote_that_could_tell_who_spoke_is_refused(
    cast: Cast, entry: CodesignEntry, text: str
) -> None:
    with pytest.raises(InputError) as caught:
        quote(cast, entry, text)
    assert text not in str(caught.value)
    assert not Quote.objects.exists()


def test_entry_that_names_somebody_is_refused(cast: Cast) -> None:
    with pytest.raises(InputError):
        actions.log_entry(
            programme=cast.programme,
            kind=Kind.INTERVIEW,
            on=TODAY,
            title="Interview",
            text="With Dr Patel",
            by=cast["researcher"],
            now=NOW,
        )


def test_entry_is_of_this_programme_and_of_a_day_that_has_come(cast: Cast) -> None:
    other = make_programme("elsewhere", "coffee")
    given = {
        "programme": cast.programme,
        "kind": Kind.DECISION,
        "title": "Letters",
        "text": "We try letters.",
        "by": cast["researcher"],
        "now": NOW,
    }
    with pytest.raises(RefusedError, match="another programme"):
        actions.log_entry(on=TODAY, trial=other.trial, **given)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="not come"):
        actions.log_entry(on=TODAY + timedelta(days=1), **given)  # type: ignore[arg-type]


def test_only_cleared_quotes_are_exported(cast: Cast, entry: CodesignEntry) -> None:
    actions.clear_quote(quote=quote(cast, entry, "I have no time"), by=cast["second"], now=NOW)
    quote(cast, entry, "It comes and goes")
    assert quotes_csv(cast.programme).decode().splitlines() == [
        "theme,role,quote,cleared_by",
        f"Time pressure,Social worker,I have no time,user:{cast['second'].pk}",
    ]


def test_clearance_taken_back_takes_the_quote_out(cast: Cast, entry: CodesignEntry) -> None:
    said = quote(cast, entry, "I have no time")
    actions.clear_quote(quote=said, by=cast["second"], now=NOW)
    actions.hold_quote(quote=said, by=cast["second"], now=NOW)
    assert len(quotes_csv(cast.programme).splitlines()) == 1


def test_export_passes_the_archive_s_own_checks(
    cast: Cast, entry: CodesignEntry, tmp_path: Path
) -> None:
    said = quote(cast, entry, 'They said "thank you", and\nmeant it', "Being, thanked")
    actions.clear_quote(quote=said, by=cast["second"], now=NOW)
    file = tmp_path / "quotes.csv"
    file.write_bytes(quotes_csv(cast.programme, cast.trial))
    table = read_table(file)
    assert table["quote"].to_list() == ['They said "thank you", and meant it']
    assert not any(find_personal(table[column].cast(pl.String)) for column in table.columns)


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)"])
def test_quote_that_a_spreadsheet_would_run_is_refused(
    cast: Cast, entry: CodesignEntry, text: str
) -> None:
    with pytest.raises(InputError, match="formula"):
        quote(cast, entry, text)


def test_themes_are_counted_whatever_their_case(cast: Cast, entry: CodesignEntry) -> None:
    first = quote(cast, entry, "I have no time")
    quote(cast, entry, "Nor have I", "time  PRESSURE")
    quote(cast, entry, "Nobody says thanks", "Recognition")
    actions.clear_quote(quote=first, by=cast["second"], now=NOW)
    assert [(t.theme, t.quotes, t.cleared) for t in themes(cast.programme)] == [
        ("Time pressure", 2, 1),
        ("Recognition", 1, 0),
    ]


def test_quote_can_be_deleted(cast: Cast, entry: CodesignEntry) -> None:
    actions.delete_quote(quote=quote(cast, entry, "I left"), by=cast["second"], now=NOW)
    assert not Quote.objects.exists()


def test_database_refuses_a_clearance_by_nobody(cast: Cast, entry: CodesignEntry) -> None:
    said = quote(cast, entry, "I have no time")
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.filter(pk=said.pk).update(cleared_at=NOW)
