"""From an archive to the results object: every count, estimate and comparison, once."""
