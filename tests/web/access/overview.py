"""Who sees where a trial stands."""

from tests.web.access import EVERYBODY

ACCESS = {
    "overview:home": EVERYBODY,
    "overview:about": EVERYBODY,
    "overview:privacy": EVERYBODY,
    "overview:accessibility": EVERYBODY,
    "overview:trial": frozenset({"trial_manager", "second", "researcher"}),
    "overview:partner": frozenset({"trial_manager", "second", "researcher", "coordinator"}),
}
