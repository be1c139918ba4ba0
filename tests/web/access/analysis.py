"""Who may have the archive, and who may read results: nobody blind, before unblinding."""

MANAGERS = frozenset({"trial_manager", "second"})

ACCESS = {
    "analysis:archive": MANAGERS,
    "analysis:build": MANAGERS,
    "analysis:download": MANAGERS,
    "analysis:attach": MANAGERS,
    "analysis:report": frozenset[str](),
    "analysis:report-file": frozenset[str](),
}
