"""Faults of this stage's acts that pages answer in their own way."""

from lighttouch.core.errors import LighttouchError


class MovedOnError(LighttouchError):
    """Somebody changed a thing since the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            "somebody changed this since you opened it",
            remedy="Look at what is there now, then decide again",
        )


class ClosedError(LighttouchError):
    """A call is not open."""


class UnknownButtonError(LighttouchError):
    """A form came with a button that its page does not have."""

    def __init__(self) -> None:
        super().__init__("the button pressed is not one of this page", remedy="Open the page again")


class RefusedError(LighttouchError):
    """An act that the state of things does not allow."""
