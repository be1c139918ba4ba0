"""Start a programme and say what it is about."""

from datetime import datetime

from django.db import transaction

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.partners.actions.common import save_checked, tell
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.partners.queries.programmes import fingerprint, may_start_programme
from lighttouch.web.programmes.models import Programme

RESERVED = ("new",)
"""Codes that are addresses of pages."""


@transaction.atomic
def create_programme(*, slug: str, title: str, summary: str, by: User, now: datetime) -> Programme:
    """Start a programme; whoever starts it becomes its trial manager.

    Raises
    ------
    RefusedError
        If they run no programme and are no administrator, or the code cannot be used.
    """
    if not may_start_programme(by):
        raise RefusedError(
            "only somebody who manages a whole programme can start another",
            remedy="Ask an administrator",
        )
    if slug in RESERVED:
        raise RefusedError("this code is kept for a page", where="Code", remedy="Choose another")
    programme = Programme(slug=slug, title=title, summary=summary, created_at=now)
    save_checked(programme)
    Grant.objects.create(user=by, role=Role.TRIAL_MANAGER, programme=programme, granted_at=now)
    tell(
        "programme.created",
        by=by,
        now=now,
        programme=programme,
        details={"trial_manager": by.actor},
    )
    return programme


@transaction.atomic
def edit_programme(
    *, programme: Programme, title: str, summary: str, was: str, by: User, now: datetime
) -> Programme:
    """Change a programme's title and summary.

    Parameters
    ----------
    was
        :func:`fingerprint` of the words when the page was opened.
    """
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    if fingerprint(programme) != was:
        raise MovedOnError
    programme.title, programme.summary = title, summary
    save_checked(programme)
    tell("programme.edited", by=by, now=now, programme=programme)
    return programme
