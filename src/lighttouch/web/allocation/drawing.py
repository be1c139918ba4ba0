"""The draw itself: the one place that opens the secret, and hands it to the core."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lighttouch.core.archive.allocating import allocate_study, verify_allocation
from lighttouch.core.archive.layout import ALLOCATION_RECORD, ALLOCATION_TABLE, ROSTER
from lighttouch.core.errors import AllocationError
from lighttouch.core.protocol.registering import SECRET
from lighttouch.web.allocation.convert import Placed, place_people, write_balance
from lighttouch.web.allocation.models import Proposal
from lighttouch.web.enrolment.convert import write_frozen
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import declared, open_secret, text_in_force
from lighttouch.web.returns.resting import empty_folder

Progress = Callable[[str, int, int], None]
STEPS = 3


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw wrote, and what follows from it."""

    roster: bytes
    table: bytes
    record: bytes
    placed: list[Placed]
    balance: list[dict[str, str | float | int | None]]
    lines: tuple[str, ...]
    at: datetime

    @property
    def hashes(self) -> dict[str, str]:
        """Hashes of the roster and of the allocation; they tell no arm."""
        return {
            "roster": hashlib.sha256(self.roster).hexdigest(),
            "allocation": hashlib.sha256(self.table).hexdigest(),
        }


def draw_study(proposal: Proposal, *, now: datetime, progress: Progress) -> Drawn:
    """Draw a trial in a folder of this process's own, and replay the draw to see that it holds.

    Raises
    ------
    AllocationError
        If the roster is not the one proposed, the core cannot draw, or the draw does not replay.
    """
    trial = proposal.trial
    protocol = declared(trial)
    with empty_folder() as place:
        folder = place / "study"
        folder.mkdir()
        progress("Laying out the roster and the returns", 0, STEPS)
        write_frozen(trial, folder)
        progress("Drawing", 1, STEPS)
        with _secret_in(folder, trial):
            allocate_study(
                folder,
                by=f"proposed by user {proposal.proposed_by_id}, "
                f"confirmed by user {proposal.confirmed_by_id}",
                now=now,
                expected_roster_sha256=proposal.roster_sha256,
            )
        progress("Drawing again to check", 2, STEPS)
        replayed = verify_allocation(folder)
        if not replayed.confirmed:
            raise AllocationError(replayed.mismatches)
        roster, table, record = (
            (folder / name).read_bytes() for name in (ROSTER, ALLOCATION_TABLE, ALLOCATION_RECORD)
        )
        balance = _compute_balance(text_in_force(trial), folder, place / "archive")
    placed = place_people(roster, table, protocol)
    return Drawn(roster, table, record, placed, balance, replayed.lines, now)


def _compute_balance(
    text: str, study: Path, archive: Path
) -> list[dict[str, str | float | int | None]]:
    """Compute balance by the pipeline of the report, on what is there at the draw."""
    from lighttouch.core.archive.assembling import assemble_archive
    from lighttouch.core.datasets.building import build_analysis_set
    from lighttouch.core.reporting.compute.balance import compute_baseline_balance

    data = build_analysis_set(assemble_archive(text, data=study, out=archive))
    return write_balance(compute_baseline_balance(data))


@contextmanager
def _secret_in(folder: Path, trial: Trial) -> Iterator[None]:
    """Let the core read the secret where it looks for it, without writing it to a disk.

    Where the system gives memory a path (Linux), the file is a link to this process's memory.
    """
    secret = open_secret(trial).hex().encode()
    path, held = folder / SECRET, None
    try:
        if hasattr(os, "memfd_create"):
            held = os.memfd_create("secret")
            os.write(held, secret)
            path.symlink_to(f"/proc/self/fd/{held}")
        else:
            path.touch(mode=0o600)
            path.write_bytes(secret)
        yield
    finally:
        path.unlink(missing_ok=True)
        if held is not None:
            os.close(held)
