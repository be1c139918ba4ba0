"""Who may open the pages of delivery."""

from tests.web.access import EVERYBODY

ACCESS: dict[str, frozenset[str]] = {
    "delivery:opt-out": EVERYBODY,
    "delivery:notify": frozenset({"coordinator"}),
    "delivery:notify-remove": frozenset({"coordinator"}),
    "delivery:notify-receipt": EVERYBODY,
}
