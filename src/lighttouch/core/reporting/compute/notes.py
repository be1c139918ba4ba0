"""The data note, and the warnings a reader must not miss."""

from lighttouch.core.archive.allocating import verify_allocation
from lighttouch.core.archive.layout import ALLOCATION_RECORD
from lighttouch.core.archive.model import Archive
from lighttouch.core.reporting.results import (
    CollectionCell,
    DataNote,
    OutcomeResult,
    Quote,
)

SEED_SOURCE = "secret committed at registration, frozen roster and registered protocol"


def describe_data(archive: Archive) -> DataNote:
    """Say where the data came from, how long they are kept, and whether the draw replays."""
    record, retention = archive.record, archive.trial.retention
    start = retention.counted_from.replace("_", " ")
    return DataNote(
        files=sum(1 for path in archive.root.rglob("*.csv") if path.is_file()),
        retention=f"{retention.delete_after} after {start}",
        key_holder=retention.key_holder,
        controller=retention.controller,
        allocation_seed_source=SEED_SOURCE if record else "",
        allocation_algorithm=record.algorithm if record else "",
        roster_sha256=record.roster_sha256 if record else "",
        secret_commitment=record.commitment if record else "",
        allocation_verified=replays(archive),
        findings_blocking=sum(count.blocking for count in archive.findings),
        findings_advisory=sum(count.advisory for count in archive.findings),
    )


def replays(archive: Archive) -> bool | None:
    """Say whether the recorded draw gives the recorded arms; ``None`` where none is recorded."""
    if archive.record is None or not (archive.root / ALLOCATION_RECORD).exists():
        return None
    return verify_allocation(archive.root).confirmed


def list_quotes(archive: Archive) -> tuple[Quote, ...]:
    """Return what people said, by theme; every extract was cleared before it was archived."""
    if archive.quotes is None:
        return ()
    return tuple(
        Quote(row["theme"], row["role"] or "", row["quote"], row["cleared_by"])
        for row in archive.quotes.sort("theme", "quote").iter_rows(named=True)
    )


def compute_warnings(
    archive: Archive,
    outcomes: tuple[OutcomeResult, ...],
    collection: tuple[CollectionCell, ...],
) -> tuple[str, ...]:
    """Collect what a reader must know before believing a number; each sentence once."""
    trial = archive.trial
    found: list[str] = []
    if archive.registration is None:
        found.append("This trial was not registered with Lighttouch before its data were seen.")
    if replays(archive) is False:
        found.append(
            "The recorded allocation does not replay: at least one unit is not in the arm that was "
            "drawn, or what the draw was made from was altered."
        )
    found.extend(_late_registration(archive))
    if trial.status == "pilot":
        found.append("This is a pilot: it was not sized to detect an effect.")
    if not trial.treated_arms:
        found.append("There is one arm and no comparison: changes cannot be put down to the trial.")
    if archive.record is None and trial.allocation.method == "given":
        found.append("The allocation was made elsewhere and cannot be replayed from this archive.")
    found.extend(_low_response(archive, collection))
    for outcome in outcomes:
        for estimate in outcome.estimates:
            if estimate.specification == "registered":
                found.extend(estimate.warnings)
    return tuple(dict.fromkeys(found))


def _late_registration(archive: Archive) -> list[str]:
    """Warn of a plan registered when the trial had begun, so that data may have been seen."""
    launches = [
        partner.launch
        for partner in archive.trial.population.partners
        if partner.launch is not None and partner.status == "recruited"
    ]
    if archive.registration is None or not launches:
        return []
    registered, first = archive.registration.registered_at[:10], min(launches).isoformat()
    if registered <= first:
        return []
    return [f"The trial was registered on {registered}, after its first launch on {first}."]


def _low_response(archive: Archive, collection: tuple[CollectionCell, ...]) -> list[str]:
    """Warn of every wave whose survey response fell short of what the sample size rests on."""
    assumed = {
        archive.trial.outcome(plan.outcome).wave: plan.response
        for plan in archive.trial.power
        if plan.response < 1
    }
    warnings = []
    for wave, planned in assumed.items():
        cells = [cell for cell in collection if cell.wave == wave and cell.responded is not None]
        expected = sum(cell.expected for cell in cells)
        responded = sum(cell.responded or 0 for cell in cells)
        if expected and responded / expected < planned:
            warnings.append(
                f"Survey response at {archive.trial.wave(wave).label} was "
                f"{100 * responded / expected:.0f}%, below the {100 * planned:.0f}% the sample "
                "size was based on: those who answered may differ from those who did not."
            )
    return warnings
