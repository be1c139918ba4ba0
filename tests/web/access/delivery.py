"""Who may open the pages of delivery."""

from tests.web.access import EVERYBODY

ACCESS: dict[str, frozenset[str]] = {
    "delivery:opt-out": EVERYBODY,
}
