"""What ``lighttouch audit verify`` does."""

from collections.abc import Callable

from lighttouch.web.audit.verifying import verify_chain


def verify(expected: str | None, say: Callable[[str], None]) -> int:
    """Say what a walk along the chain found; 0 where it is whole, else 1."""
    report = verify_chain(expected)
    for fault in report.breaks:
        say(f"error: {fault}.")
    if report.whole:
        say(f"The log is whole: {report.events:,} events.")
    say(f"Last seal: {report.seal}")
    return 0 if report.whole else 1
