"""Open a survey, answer it, and take answers back."""

from lighttouch.web.audit.actors import STAFF
from lighttouch.web.surveys.actions.answering import (
    ClosedError,
    agree,
    answer,
    decline,
    finish,
    join_device,
    keep,
    say,
)
from lighttouch.web.surveys.actions.leaving import erase, withdraw
from lighttouch.web.surveys.actions.opening import (
    MovedOnError,
    close,
    extend,
    open_survey,
    renew_link,
)

__all__ = [
    "STAFF",
    "ClosedError",
    "MovedOnError",
    "agree",
    "answer",
    "close",
    "decline",
    "erase",
    "extend",
    "finish",
    "join_device",
    "keep",
    "open_survey",
    "renew_link",
    "say",
    "withdraw",
]
