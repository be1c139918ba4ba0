"""What every transport holds to, whatever its peer does.

A transport's tests run :func:`check_transport` against its peer, and :func:`check_faults` with
every fault its peer can show.
"""

from collections.abc import Callable, Iterable, Mapping
from uuid import uuid4

from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result, Transport

LONGEST_TROUBLE = 200
"""What fits beside a delivery."""
PERSONAL = ("siân.o'brien", "siân", "example.gov.uk", "07700", "900123", "s3cr3t", "high street")
"""Signs of the person in :func:`message_for_sian`; none may be repeated."""


def message_for_sian(channel: Channel = Channel.EMAIL, *, address: str = "") -> Message:
    """Return a message whose personal parts can all be recognised."""
    to: str | tuple[str, ...] = address or "sian.o'brien@example.gov.uk"
    if channel == Channel.TEXT:
        to = address or "+447700900123"
    if channel == Channel.LETTER:
        to = ("Siân O'Brien", "1 High Street", "Dudley", "DY1 1AA")
    return Message(
        reference=str(uuid4()),
        channel=channel,
        address=to,
        subject="Letters: your survey",
        text="Dear Siân, your private link is https://example.gov.uk/s/s3cr3t/",
        unsubscribe="https://example.gov.uk/stop/s3cr3t/",
    )


def check_outcome(outcome: Outcome) -> None:
    """Fail if an outcome leaves its reader guessing, or says anything of the person."""
    assert isinstance(outcome, Outcome)
    if outcome.result == Result.ACCEPTED:
        assert outcome.provider_id
    else:
        assert outcome.trouble
    assert len(outcome.trouble) <= LONGEST_TROUBLE
    check_nothing_personal(outcome.trouble)
    check_nothing_personal(outcome.provider_id)


def check_nothing_personal(text: str) -> None:
    """Fail if text repeats anything of the person or of the message."""
    said = text.casefold()
    assert not [sign for sign in (*PERSONAL, "sian.o'brien") if sign.casefold() in said]


def check_transport(
    transport: Transport,
    taken: Callable[[], Iterable[str]],
    logged: Callable[[], str],
) -> None:
    """Send by every channel there is, a good message and one that cannot be sent.

    Parameters
    ----------
    taken
        Gives the references that the peer has taken so far.
    logged
        Gives everything logged so far.
    """
    assert transport.name
    assert transport.channels <= set(Channel)
    for channel in sorted(transport.channels):
        for _ in range(2):  # the second over what is open already
            message = message_for_sian(channel)
            outcome = transport.send(message)
            check_outcome(outcome)
            assert outcome.result == Result.ACCEPTED
            assert list(taken()).count(message.reference) == 1
    for channel in set(Channel) - transport.channels:
        message = message_for_sian(channel)
        refused = transport.send(message)
        assert refused.result == Result.REFUSED
        check_outcome(refused)
        assert message.reference not in taken()
    check_nothing_personal(logged())
    transport.close()
    transport.close()


def check_faults(
    transport: Transport,
    faults: Mapping[str, tuple[Callable[[], None], Result]],
    taken: Callable[[], Iterable[str]],
    logged: Callable[[], str],
) -> None:
    """Show a transport every fault of its peer, and see that it tells them apart.

    What it calls *later* or *refused* the peer must not have; and after *later*, the same message
    goes once. After a fault the transport goes on working.

    Parameters
    ----------
    faults
        By name: how to make the peer show it to the next message, and what that must be called.
    taken, logged
        As for :func:`check_transport`.
    """
    for name, (show, expected) in faults.items():
        message = message_for_sian()
        show()
        outcome = transport.send(message)
        check_outcome(outcome)
        assert outcome.result == expected, name
        if expected in (Result.LATER, Result.REFUSED):
            assert message.reference not in taken(), name
        if expected == Result.LATER:
            assert transport.send(message).result == Result.ACCEPTED, name
            assert list(taken()).count(message.reference) == 1, name
        assert transport.send(message_for_sian()).result == Result.ACCEPTED, name
    check_nothing_personal(logged())
    transport.close()
