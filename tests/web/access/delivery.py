"""Who may open the pages of delivery."""

from tests.web.access import EVERYBODY

MANAGERS = frozenset({"trial_manager", "second"})
RESEARCH = MANAGERS | {"researcher"}

ACCESS: dict[str, frozenset[str]] = {
    "delivery:opt-out": EVERYBODY,
    "delivery:trial": RESEARCH,
    "delivery:hold": MANAGERS,
    "delivery:stop": MANAGERS,
    "delivery:mailing": MANAGERS,
    "delivery:settle": MANAGERS,
    "delivery:people": MANAGERS,
    "delivery:person": MANAGERS,
    "delivery:failed": MANAGERS,
    "delivery:calendar": RESEARCH,
    "delivery:calendar-table": RESEARCH,
    "delivery:partner-calendar": MANAGERS | {"coordinator"},
    "delivery:partner-table": MANAGERS | {"coordinator"},
    "delivery:preview": MANAGERS | {"coordinator"},
    "delivery:partner": MANAGERS | {"coordinator"},
    "delivery:sign-off": frozenset({"coordinator"}),
    "delivery:join": frozenset({"coordinator"}),
    "delivery:pack": frozenset({"coordinator"}),
    "delivery:pack-make": frozenset({"coordinator"}),
    "delivery:pack-take": frozenset({"coordinator"}),
    "delivery:pack-again": frozenset({"coordinator"}),
    "delivery:pack-settle": frozenset({"coordinator"}),
    "delivery:notify": frozenset({"coordinator"}),
    "delivery:notify-remove": frozenset({"coordinator"}),
    "delivery:notify-receipt": EVERYBODY,
}
