"""Addresses of the site itself."""

from tests.web.access import EVERYBODY

ACCESS = {
    "health": EVERYBODY,
}
