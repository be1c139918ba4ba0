"""What this stage does in the background."""

from typing import cast

from django.utils import timezone

from lighttouch.web.accounts.models import User
from lighttouch.web.allocation import actions
from lighttouch.web.allocation.models import Allocation, Proposal
from lighttouch.web.jobs.registry import Run, job

DRAW = "allocation.draw"
REPLAY = "allocation.replay"


@job(DRAW, title="Drawing the allocation")
def draw(run: Run, proposal: int) -> None:
    """Draw what two people agreed on, once."""
    actions.draw(
        proposal=Proposal.objects.get(pk=proposal), now=timezone.now(), progress=run.progress
    )


@job(REPLAY, title="Drawing again to check the record")
def replay(run: Run, allocation: int) -> None:
    """Draw again from what is kept, and compare."""
    actions.replay(
        allocation=Allocation.objects.select_related("trial__programme").get(pk=allocation),
        by=cast("User", run.by),
        now=timezone.now(),
        progress=run.progress,
    )
