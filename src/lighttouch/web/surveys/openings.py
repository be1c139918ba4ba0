"""What later stages do when a survey is opened, in the same transaction."""

from collections.abc import Callable
from datetime import datetime

from lighttouch.web.accounts.models import User
from lighttouch.web.surveys.models import Survey

Act = Callable[[Survey, User, datetime], None]
_ACTS: list[Act] = []


def after_opening(act: Act) -> Act:
    """Have a later stage act when a survey is opened; what it raises stops the opening."""
    if act not in _ACTS:
        _ACTS.append(act)
    return act


def tell_opened(survey: Survey, by: User, now: datetime) -> None:
    """Let every later stage act on a survey that is opened."""
    for act in _ACTS:
        act(survey, by, now)
