"""What is to be done next with a protocol, for the person who is looking."""

from dataclasses import dataclass

from lighttouch.core.errors import Fault
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.protocols.models import State, Version


@dataclass(frozen=True, slots=True)
class Step:
    """The next action; ``page`` is the name of its page, empty where somebody else acts."""

    title: str
    text: str
    page: str = ""
    button: str = ""


def next_step(
    version: Version, *, faults: tuple[Fault, ...], registered: bool, user: User
) -> Step | None:
    """Say what to do next with a protocol whose newest version this is."""
    scope = Scope(version.trial.programme, version.trial)

    def may(right: Right) -> bool:
        return has_right(user, right, scope)

    state = State(version.state)
    if state == State.DRAFT:
        return _write(version, faults) if may(Right.WRITE_PROTOCOL) else _wait("is being written")
    if state == State.SUBMITTED:
        own = user.pk in (version.author_id, version.submitted_by_id)
        return _review(version, own=own) if may(Right.APPROVE_PROTOCOL) else _wait("is in review")
    if state == State.RETURNED:
        return Step(
            f"Version {version.number} was sent back",
            "The reviewer said what must change. Save a new version and submit it again.",
            "protocols:edit" if may(Right.WRITE_PROTOCOL) else "",
            "Edit the trial file",
        )
    if state == State.APPROVED:
        return _register(version, registered=registered, may=may(Right.REGISTER_PROTOCOL))
    return None


def _write(version: Version, faults: tuple[Fault, ...]) -> Step:
    if faults:
        many = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        return Step(
            f"Version {version.number} has {many}",
            "It can be submitted for review once they are put right.",
            "protocols:edit",
            "Edit the trial file",
        )
    return Step(
        f"Version {version.number} is valid",
        "When it says what you mean, ask a second person to review it.",
        "protocols:submit",
        "Submit it for review",
    )


def _review(version: Version, *, own: bool) -> Step:
    if own:
        return Step(
            f"Version {version.number} waits for a second person",
            "Those who wrote or submitted a version cannot review it. The others with the right "
            "to were told.",
        )
    return Step(
        f"Version {version.number} waits for your review",
        "Read what it declares, then approve it or send it back with a note.",
        "protocols:review",
        "Review it",
    )


def _register(version: Version, *, registered: bool, may: bool) -> Step:
    who = "" if may else " A trial manager does this."
    if registered:
        return Step(
            f"Version {version.number} is approved as an amendment",
            f"Publish it, and it is in force from then on.{who}",
            "protocols:amend" if may else "",
            "Publish the amendment",
        )
    return Step(
        f"Version {version.number} is approved",
        f"Register it: it freezes, and the public can read it.{who}",
        "protocols:register" if may else "",
        "Register the protocol",
    )


def _wait(what: str) -> Step:
    return Step(f"The protocol {what}", "There is nothing for you to do here now.")
