"""Who may use the addresses of protocols; the trial is the cast's own, in draft."""

READERS = frozenset({"trial_manager", "second", "researcher"})
MANAGERS = frozenset({"trial_manager", "second"})
WRITERS_ANYWHERE = READERS | {"outsider"}
EVERYBODY = frozenset(
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
        "anonymous",
    }
)

ACCESS: dict[str, frozenset[str]] = {
    "protocols:new": WRITERS_ANYWHERE,
    "protocols:protocol": READERS,
    "protocols:edit": READERS,
    "protocols:check": READERS,
    "protocols:version": READERS,
    "protocols:version-file": READERS,
    "protocols:compare": READERS,
    "protocols:power": READERS,
    "protocols:power-result": READERS,
    "protocols:power-simulate": READERS,
    "protocols:submit": READERS,
    "protocols:review": READERS,
    "protocols:register": MANAGERS,
    "protocols:amend": MANAGERS,
    "protocols:index": EVERYBODY,
    "protocols:public": EVERYBODY,
    "protocols:public-file": EVERYBODY,
}
