"""Write a call for partners, publish it, take it down."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.actions.common import check_revision, save_checked, tell
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import Call, Theme
from lighttouch.web.programmes.models import Programme

MOST_THEMES = 10


@dataclass(frozen=True, slots=True)
class CallText:
    """What a call says; ``themes`` are pairs of title and meaning."""

    title: str
    summary: str
    opens_on: date
    closes_on: date
    themes: tuple[tuple[str, str], ...]
    tasks: str
    time: str
    data: str
    handling: str
    contact: str


@transaction.atomic
def save_call(
    *, programme: Programme, text: CallText, revision: int, by: User, now: datetime
) -> Call:
    """Save what a call says; one that is published changes for everybody at once.

    Parameters
    ----------
    revision
        The call's when the page was opened; 0 for a call that is not there yet.
    """
    Programme.objects.select_for_update().get(pk=programme.pk)
    call = Call.objects.select_for_update().filter(programme=programme).first()
    call = call or Call(programme=programme, revision=0)
    check_revision(call, revision)
    for name in FIELDS:
        setattr(call, name, getattr(text, name))
    call.revision += 1
    save_checked(call)
    _save_themes(call, text.themes)
    tell("call.saved", by=by, now=now, programme=programme, details={"revision": call.revision})
    return call


FIELDS = (
    "title",
    "summary",
    "opens_on",
    "closes_on",
    "tasks",
    "time",
    "data",
    "handling",
    "contact",
)


def _save_themes(call: Call, themes: tuple[tuple[str, str], ...]) -> None:
    """Keep a row for each title, in order; retire those no longer asked about."""
    titles = [title.casefold() for title, _ in themes]
    if not 1 <= len(themes) <= MOST_THEMES or len(set(titles)) < len(titles):
        raise RefusedError(
            f"there are no themes, more than {MOST_THEMES}, or one twice",
            where="Themes",
            remedy="Write each theme once, one to a line",
        )
    before = {theme.title: theme for theme in call.themes.all()}
    for position, (title, meaning) in enumerate(themes):
        theme = before.pop(title, None) or Theme(call=call, title=title)
        theme.position, theme.meaning, theme.retired = position, meaning, False
        save_checked(theme)
    for theme in before.values():
        theme.retired = True
        theme.save(update_fields=("retired",))


@transaction.atomic
def publish_call(*, call: Call, revision: int, by: User, now: datetime) -> Call:
    """Put a call on its public page."""
    call = _locked(call, revision)
    if call.published_at is None:
        call.published_at = now
        call.revision += 1
        call.save(update_fields=("published_at", "revision"))
        tell("call.published", by=by, now=now, programme=call.programme)
    return call


@transaction.atomic
def unpublish_call(*, call: Call, revision: int, by: User, now: datetime) -> Call:
    """Take a call off its public page; nothing can be sent to it until it is published again."""
    call = _locked(call, revision)
    if call.published_at is not None:
        call.published_at = None
        call.revision += 1
        call.save(update_fields=("published_at", "revision"))
        tell("call.unpublished", by=by, now=now, programme=call.programme)
    return call


def _locked(call: Call, revision: int) -> Call:
    found = Call.objects.select_for_update().select_related("programme").get(pk=call.pk)
    check_revision(found, revision)
    return found
