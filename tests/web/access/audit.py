"""Addresses of the log."""

ACCESS = {
    "audit:log": frozenset({"administrator"}),
    "audit:trial": frozenset({"administrator", "trial_manager", "second"}),
}
