"""Who acts: a person with an account, the system, or the public."""

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """Anybody an event can name: by a code, never by name."""

    @property
    def actor(self) -> str:
        """Return the code written into events, such as ``user:12``."""


@dataclass(frozen=True, slots=True)
class NamedActor:
    """An actor without an account."""

    actor: str


SYSTEM = NamedActor("system")
"""What runs by itself: reminders, reaping, clearing up."""

PUBLIC = NamedActor("public")
"""Somebody without an account, who fills in a public form."""

OPERATOR = NamedActor("operator")
"""Whoever runs a command on the server."""

STAFF = NamedActor("staff")
"""Somebody who answers a survey by a private link; events never say who."""
