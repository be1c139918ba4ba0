"""Keep the log of co-design, and the words people said."""

from datetime import date, datetime

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.actions.common import save_checked, tell
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import CodesignEntry, Kind, Quote
from lighttouch.web.partners.words import refuse_formula, refuse_personal
from lighttouch.web.programmes.models import Partner, Programme, Trial
from lighttouch.web.ui.dates import day_of


@transaction.atomic
def log_entry(
    *,
    programme: Programme,
    kind: Kind,
    on: date,
    title: str,
    text: str,
    by: User,
    now: datetime,
    trial: Trial | None = None,
    partner: Partner | None = None,
) -> CodesignEntry:
    """Add a workshop, an interview or a decision to the log."""
    if any(one is not None and one.programme_id != programme.pk for one in (trial, partner)):
        raise RefusedError(
            "the trial or partner is of another programme", remedy="Choose one of this programme"
        )
    if on > day_of(now):
        raise RefusedError("the day has not come yet", where="On", remedy="Give the day it was")
    refuse_personal(title=title, text=text)
    entry = CodesignEntry(
        programme=programme,
        trial=trial,
        partner=partner,
        kind=kind,
        on=on,
        title=title,
        text=text,
        author=by,
        created_at=now,
    )
    save_checked(entry)
    tell(
        "codesign.logged",
        by=by,
        now=now,
        programme=programme,
        trial=trial,
        partner=partner,
        details={"kind": kind.value, "entry": entry.pk},
    )
    return entry


@transaction.atomic
def add_quote(
    *, entry: CodesignEntry, theme: str, role: str, text: str, by: User, now: datetime
) -> Quote:
    """Keep what somebody said under a theme; of them, only their role.

    Raises
    ------
    InputError
        If anything looks like a name, an address or a number of a person, or like a formula.
    """
    theme, role, text = " ".join(theme.split()), " ".join(role.split()), text.strip()
    refuse_personal(theme=theme, role=role, quote=text)
    refuse_formula(theme=theme, role=role, quote=text)
    quote = Quote(
        entry=entry,
        theme=_known_theme(entry.programme, theme),
        role=role,
        text=text,
        author=by,
        created_at=now,
    )
    save_checked(quote)
    _tell("quote.added", quote, by=by, now=now)
    return quote


def _known_theme(programme: Programme, theme: str) -> str:
    """Return a theme as it is written already, whatever the case it is given in."""
    same = Quote.objects.filter(entry__programme=programme, theme__iexact=theme).first()
    return same.theme if same else theme


@transaction.atomic
def clear_quote(*, quote: Quote, by: User, now: datetime) -> Quote:
    """Say that a quote may be published; only then is it exported."""
    quote = _locked(quote)
    if quote.cleared_at is None:
        quote.cleared_by, quote.cleared_at = by, now
        save_checked(quote)
        _tell("quote.cleared", quote, by=by, now=now)
    return quote


@transaction.atomic
def hold_quote(*, quote: Quote, by: User, now: datetime) -> Quote:
    """Take back that a quote may be published."""
    quote = _locked(quote)
    if quote.cleared_at is not None:
        quote.cleared_by, quote.cleared_at = None, None
        save_checked(quote)
        _tell("quote.held", quote, by=by, now=now)
    return quote


@transaction.atomic
def delete_quote(*, quote: Quote, by: User, now: datetime) -> None:
    """Delete a quote, such as when whoever said it asks for that."""
    quote = _locked(quote)
    _tell("quote.deleted", quote, by=by, now=now)
    quote.delete()


def _locked(quote: Quote) -> Quote:
    return (
        Quote.objects.select_for_update(of=("self",))
        .select_related("entry__programme", "entry__trial")
        .get(pk=quote.pk)
    )


def _tell(act: str, quote: Quote, *, by: User, now: datetime) -> None:
    tell(
        act,
        by=by,
        now=now,
        programme=quote.entry.programme,
        trial=quote.entry.trial,
        details={"quote": quote.pk or 0},
    )
