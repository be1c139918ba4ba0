"""Who may open which page of allocation; the coordinator's own partner does not deliver here."""

MANAGERS = frozenset({"trial_manager", "second"})
RANDOMISERS = MANAGERS | {"randomiser"}
LISTENERS = MANAGERS | {"coordinator"}

ACCESS: dict[str, frozenset[str]] = {
    "allocation:page": RANDOMISERS,
    "allocation:propose": RANDOMISERS,
    "allocation:withdraw": RANDOMISERS,
    "allocation:confirm": RANDOMISERS,
    "allocation:draw": RANDOMISERS,
    "allocation:replay": RANDOMISERS,
    "allocation:balance": MANAGERS,
    "allocation:arms": MANAGERS,
    "allocation:delivering": MANAGERS,
    "allocation:lock": MANAGERS,
    "allocation:unblind": MANAGERS,
    "allocation:unblind-confirm": MANAGERS,
    "allocation:unblind-withdraw": MANAGERS,
    "allocation:partner": LISTENERS,
    "allocation:partner-csv": LISTENERS,
}
"""Before the draw; from then on a coordinator needs the partner to deliver as well."""
