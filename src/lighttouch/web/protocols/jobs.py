"""Work of this stage that takes long."""

from django.db import transaction

from lighttouch.web.jobs.registry import Run, job
from lighttouch.web.protocols.models import Simulation
from lighttouch.web.protocols.simulating import compute_simulation

SIMULATE = "protocols.simulate_power"


@job(SIMULATE, title="Simulating the declared design")
def simulate_power(run: Run, *, simulation: int) -> None:
    """Simulate, unless it was done before."""
    asked = Simulation.objects.select_related("version__trial__programme").get(pk=simulation)
    if asked.found is not None:
        return
    found = compute_simulation(asked, run.progress)
    with transaction.atomic():
        run.hold()
        asked.found = found
        asked.save(update_fields=("found",))
