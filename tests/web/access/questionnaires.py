"""Who may open the builder of questionnaires."""

from collections.abc import Mapping

from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.questions import OwnInstrument
from lighttouch.web.questionnaires.actions import start
from lighttouch.web.questionnaires.building import Built
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import start_trial

WRITERS = frozenset({"trial_manager", "second", "researcher"})
PAGES = (
    "index",
    "style",
    "one",
    "preview",
    "describe",
    "library",
    "new-question",
    "question",
    "asked",
    "write",
    "file",
    "discard",
)

ACCESS: dict[str, frozenset[str]] = {f"questionnaires:{page}": WRITERS for page in PAGES}


def prepare(cast: Cast) -> dict[str, Mapping[str, object]]:
    """Start a questionnaire of a trial that is still written."""
    trial = start_trial(cast, library_text("swing"))
    own = OwnInstrument.model_validate(
        {
            "id": "pace",
            "name": "Pace",
            "response": {"kind": "count", "min": 0},
            "items": [{"id": "pace_1", "text": "How many visits?"}],
        }
    )
    built = Built("How work is").put(own).add("burnout")
    start(trial=trial, name="ours", built=built, by=cast["researcher"], now=NOW)
    where: dict[str, object] = {"trial": trial.slug}
    one = {**where, "name": "ours"}
    special: dict[str, Mapping[str, object]] = {
        "index": where,
        "style": where,
        "question": {**one, "place": 0},
        "asked": {**one, "place": 0},
    }
    return {f"questionnaires:{page}": special.get(page, one) for page in PAGES}
