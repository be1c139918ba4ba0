"""What ``lighttouch audit verify`` does."""

import sys
from collections.abc import Callable

from lighttouch.web.audit.verifying import verify_chain


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def verify(expected: str | None = None, say: Callable[[str], None] = _print) -> int:
    """Say what a walk along the chain found; return 0 where it is whole, else 1.

    Parameters
    ----------
    expected
        A seal noted earlier outside the database, if there is one.
    say
        What to do with each line.
    """
    report = verify_chain(expected)
    for fault in report.breaks:
        say(f"error: {fault}.")
    if report.whole:
        say(f"The log is whole: {report.events:,} {'event' if report.events == 1 else 'events'}.")
    say(f"Last seal: {report.seal}")
    if report.whole:
        say("Note this seal somewhere else: given back later, it shows if the log was rewritten.")
    return 0 if report.whole else 1
