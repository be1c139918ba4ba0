"""The log of co-design, its themes, and the quotes that may be published."""

import csv
import io
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from lighttouch.web.partners.models import CodesignEntry, Quote
from lighttouch.web.programmes.models import Programme, Trial

HEADINGS = ("theme", "role", "quote", "cleared_by")
"""Columns of the archive's ``quotes.csv``."""


def entries(
    programme: Programme, *, trial: Trial | None = None, kind: str = ""
) -> QuerySet[CodesignEntry]:
    """Return the log, newest first."""
    found = (
        CodesignEntry.objects.filter(programme=programme)
        .select_related("trial", "partner", "author")
        .annotate(said=Count("quotes"))
        .order_by("-on", "-pk")
    )
    if trial is not None:
        found = found.filter(trial=trial)
    return found.filter(kind=kind) if kind else found


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How often a theme was spoken of, and how much of it may be published."""

    theme: str
    quotes: int
    cleared: int


def themes(programme: Programme, trial: Trial | None = None) -> list[ThemeCount]:
    """Return the themes of the quotes, the most spoken of first."""
    rows = (
        _quotes(programme, trial)
        .order_by()
        .values("theme")
        .annotate(said=Count("pk"), cleared=Count("pk", filter=Q(cleared_at__isnull=False)))
    )
    found = [ThemeCount(row["theme"], row["said"], row["cleared"]) for row in rows]
    return sorted(found, key=lambda one: (-one.quotes, one.theme))


def quotes_csv(about: Programme | Trial, trial: Trial | None = None) -> bytes:
    """Return the cleared quotes as the archive's ``quotes.csv``; who cleared them is a code.

    Parameters
    ----------
    about, trial
        With a trial, only what was said about it, or about the whole programme.
    """
    if isinstance(about, Trial):
        return quotes_csv(about.programme, about)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    cleared = _quotes(about, trial).filter(cleared_at__isnull=False)
    for quote in cleared.order_by("theme", "pk"):
        words = " ".join(quote.text.split())
        writer.writerow((quote.theme, quote.role, words, f"user:{quote.cleared_by_id}"))
    return text.getvalue().encode()


def _quotes(programme: Programme, trial: Trial | None) -> QuerySet[Quote]:
    found = Quote.objects.filter(entry__programme=programme)
    if trial is None:
        return found
    return found.filter(Q(entry__trial=trial) | Q(entry__trial=None))
