"""How many partners were left at each stage of recruitment."""

from lighttouch.core.archive.model import Archive
from lighttouch.core.reporting.results import FunnelStage


def compute_funnel(archive: Archive) -> tuple[FunnelStage, ...]:
    """Set each stage beside the first and beside the one before; empty where none was recorded."""
    if archive.funnel is None:
        return ()
    counts = archive.funnel["partners"].to_list()
    before = [None, *counts]
    return tuple(
        FunnelStage(
            stage=row["stage"],
            partners=row["partners"],
            share=row["partners"] / counts[0] if counts[0] else None,
            lost=None if earlier is None else earlier - row["partners"],
            note=row["note"] or "",
        )
        for row, earlier in zip(archive.funnel.iter_rows(named=True), before, strict=False)
    )
