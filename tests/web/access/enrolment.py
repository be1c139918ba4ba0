"""Who may open which page of enrolment, at the coordinator's own partner."""

from collections.abc import Mapping

from tests.web.cast import Cast

MANAGERS = frozenset({"trial_manager", "second"})
READERS = MANAGERS | {"researcher"}
RECORDERS = MANAGERS | {"coordinator"}

ACCESS: dict[str, frozenset[str]] = {
    "enrolment:page": READERS,
    "enrolment:flow": READERS,
    "enrolment:freeze": MANAGERS,
    "enrolment:partner": RECORDERS,
    "enrolment:record": RECORDERS,
    "enrolment:many": RECORDERS,
    "enrolment:template": RECORDERS,
    "enrolment:cancel": RECORDERS,
}


def prepare(_cast: Cast) -> dict[str, Mapping[str, object]]:
    """Name what is recorded; the roster is not frozen, and the page says so."""
    return {"enrolment:record": {"what": "left"}}
