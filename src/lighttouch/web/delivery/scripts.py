"""What each step says, before anything is filled in: the trial file's words, or the site's own."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.checks_messages import messages_of, words_at
from lighttouch.core.protocol.messages import Channel, SurveyKind, Words, list_fields
from lighttouch.core.protocol.people import Intervention
from lighttouch.core.protocol.people import Step as DeclaredStep
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.delivery.models import Kind, Route, Step
from lighttouch.web.protocols.queries import declared

HERE = Path(__file__).parent / "messages"
ROUTES: dict[str, Route] = {
    "email": Route.EMAIL,
    "text_message": Route.TEXT,
    "letter": Route.LETTER,
}


@dataclass(frozen=True, slots=True)
class Script:
    """A message as the trial file has it, with its fields in braces."""

    channel: Channel
    signed: Literal["centre", "manager"]
    subject: str
    text: str

    @property
    def route(self) -> Route:
        """By what means it goes, where the site sends it."""
        return ROUTES[self.channel]

    @property
    def fields(self) -> tuple[str, ...]:
        """What it names."""
        return list_fields(self.subject, self.text)

    @property
    def sha256(self) -> str:
        """Tells it from the same step in other words."""
        whole = "\0".join((self.channel, self.signed, self.subject, self.text))
        return hashlib.sha256(whole.encode()).hexdigest()


@cache
def standard(kind: SurveyKind) -> Script:
    """Return the site's own words, used where the trial file has none."""
    text = (HERE / f"{kind}.txt").read_text(encoding="utf-8")
    subject, _, body = text.partition("\n")
    return Script("email", "centre", subject, body.strip())


def script_of(step: Step, protocol: DeclaredTrial | None = None) -> Script:
    """Return what a step says.

    Parameters
    ----------
    protocol
        The trial file in force, where it is at hand already.

    Raises
    ------
    InputError
        If an amendment took it out of the trial file.
    """
    protocol = protocol or declared(step.trial)
    if step.survey is not None:
        kind: SurveyKind = "invitation" if step.kind == Kind.INVITATION else "reminder"
        asked = next((one.survey for one in protocol.waves if one.id == step.survey.wave), None)
        own = asked.messages.of(kind) if asked and asked.messages else None
        return _script(own, own.channel) if own else standard(kind)
    found = find_act(protocol, step.intervention, step.act)
    if found is None or step.number > found[1].times or not messages_of(protocol, found[1]):
        raise InputError(
            "the trial file has no such message any more",
            where=step.code,
            remedy="Amend the trial file",
        )
    return _script(words_at(protocol, found[1], step.number), found[1].channel)


def _script(words: Words, channel: str) -> Script:
    by: Channel = channel  # type: ignore[assignment]  # the core lets no other have words
    return Script(by, words.signed, words.subject, words.text)


def find_act(
    protocol: DeclaredTrial, intervention: str, act: str
) -> tuple[Intervention, DeclaredStep] | None:
    """Return an intervention and one of its steps by their names in the trial file."""
    return next(
        (
            (part, step)
            for part in protocol.interventions
            for step in part.steps
            if (part.id, step.id) == (intervention, act)
        ),
        None,
    )
