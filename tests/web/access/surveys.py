"""Who may open the pages of surveys."""

from tests.web.access import EVERYBODY

MANAGERS = frozenset({"trial_manager", "second"})
OWN = frozenset({"coordinator"})

ACCESS: dict[str, frozenset[str]] = {
    # By private link, without an account.
    "surveys:start": EVERYBODY,
    "surveys:consent": EVERYBODY,
    "surveys:questions": EVERYBODY,
    "surveys:save": EVERYBODY,
    "surveys:thanks": EVERYBODY,
    "surveys:mine": EVERYBODY,
    "surveys:withdraw": EVERYBODY,
    "surveys:delete": EVERYBODY,
    "surveys:leave": EVERYBODY,
    "surveys:download": EVERYBODY,
    # By whoever runs them.
    "surveys:waves": MANAGERS | {"researcher"},
    "surveys:open": MANAGERS,
    "surveys:extend": MANAGERS,
    "surveys:close": MANAGERS,
    "surveys:partner": MANAGERS | OWN,
    "surveys:slips": OWN,
    "surveys:links": OWN,
    "surveys:one": MANAGERS | OWN,
}
