"""From an archive to the results object: every count, estimate and comparison, once."""

from lighttouch.core.reporting.compute.results import compute_results

__all__ = ["compute_results"]
