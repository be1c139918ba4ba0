"""Who may open which address, one module for each stage: ``ACCESS``.

``ACCESS`` maps a URL's name to the keys of those who may use it. Everybody else must be turned
away. Where an address holds the id of an object, a module may also define ``prepare(cast)``, which
makes such objects and returns the address's arguments by URL name; otherwise the walk makes them
up, and "not found" counts as let in.
"""

ANONYMOUS = "anonymous"
SIGNED_IN = frozenset(
    {
        "administrator",
        "trial_manager",
        "second",
        "researcher",
        "randomiser",
        "coordinator",
        "stranger",
        "team_manager",
        "outsider",
    }
)
"""Everybody with an account; ``outsider`` manages the trial of another programme."""

EVERYBODY = SIGNED_IN | {ANONYMOUS}
