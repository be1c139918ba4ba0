"""Who may open which page of returns, at the coordinator's own partner."""

MANAGERS = frozenset({"trial_manager", "second"})
TEAM = MANAGERS | {"researcher"}
READERS = TEAM | {"coordinator"}
COORDINATOR = frozenset({"coordinator"})

ACCESS: dict[str, frozenset[str]] = {
    "returns:grid": TEAM,
    "returns:grid-live": TEAM,
    "returns:grid-csv": TEAM,
    "returns:partner": READERS,
    "returns:return": READERS,
    "returns:template": READERS,
    "returns:version": READERS,
    "returns:progress": READERS,
    "returns:send": COORDINATOR,
    "returns:changes": COORDINATOR,
    "returns:explain": COORDINATOR,
    "returns:check-again": COORDINATOR,
    "returns:sign-off": COORDINATOR,
    "returns:marked": COORDINATOR,
    "returns:findings": COORDINATOR,
    "returns:reopen": MANAGERS,
    "returns:ask": MANAGERS,
}
