"""Who may open the pages of surveys."""

from tests.web.access import EVERYBODY

ACCESS: dict[str, frozenset[str]] = {
    # By private link, without an account.
    "surveys:start": EVERYBODY,
    "surveys:next": EVERYBODY,
    "surveys:consent": EVERYBODY,
    "surveys:page": EVERYBODY,
    "surveys:save": EVERYBODY,
    "surveys:check": EVERYBODY,
    "surveys:thanks": EVERYBODY,
    "surveys:mine": EVERYBODY,
    "surveys:withdraw": EVERYBODY,
    "surveys:delete": EVERYBODY,
    "surveys:leave": EVERYBODY,
    "surveys:download": EVERYBODY,
}
