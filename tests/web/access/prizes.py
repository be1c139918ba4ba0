"""Who may see and draw prizes; the check of a draw is for everybody."""

from tests.web.access import EVERYBODY

MANAGERS = frozenset({"trial_manager", "second"})
RESEARCH = MANAGERS | {"researcher"}

ACCESS: dict[str, frozenset[str]] = {
    "prizes:page": RESEARCH,
    "prizes:draw": MANAGERS,
    "prizes:file": RESEARCH,
    "prizes:partner": MANAGERS | {"coordinator"},
    "prizes:check": EVERYBODY,
}
