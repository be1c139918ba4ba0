"""Addresses of protocols, public and not."""

from collections.abc import Mapping

from tests.web.access import EVERYBODY
from tests.web.cast import Cast
from tests.web.protocols.cases import registered

READERS = frozenset({"trial_manager", "second", "researcher"})
MANAGERS = frozenset({"trial_manager", "second"})

ACCESS: dict[str, frozenset[str]] = {
    "protocols:new": READERS | {"outsider"},
    "protocols:protocol": READERS,
    "protocols:edit": READERS,
    "protocols:check": READERS,
    "protocols:version": READERS,
    "protocols:version-file": READERS,
    "protocols:compare": READERS,
    "protocols:power": READERS,
    "protocols:power-result": READERS,
    "protocols:power-simulate": READERS,
    "protocols:submit": READERS,
    "protocols:review": READERS,
    "protocols:register": MANAGERS,
    "protocols:amend": MANAGERS,
    "protocols:index": EVERYBODY,
    "protocols:public": EVERYBODY,
    "protocols:public-file": EVERYBODY,
}


def prepare(cast: Cast) -> dict[str, Mapping[str, object]]:
    """Register a trial, so that every page has something to show."""
    where = {"trial": registered(cast).trial.slug}
    special: dict[str, Mapping[str, object]] = {
        "protocols:new": {},
        "protocols:version": {**where, "number": 1},
        "protocols:version-file": {**where, "number": 1},
        "protocols:index": {},
        "protocols:public-file": {**where, "name": "registered.toml"},
    }
    return {name: special.get(name, where) for name in ACCESS}
