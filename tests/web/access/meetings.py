"""Who may hold a team's meeting, and who may be in one."""

from tests.web.access import EVERYBODY

HOLDERS = frozenset({"trial_manager", "second", "coordinator", "team_manager"})

ACCESS: dict[str, frozenset[str]] = {
    "meetings:find": EVERYBODY,
    "meetings:join": EVERYBODY,
    "meetings:not-today": EVERYBODY,
    "meetings:page": HOLDERS,
    "meetings:screen": HOLDERS,
    "meetings:count": HOLDERS,
    "meetings:quiet": HOLDERS,
    "meetings:end": HOLDERS,
    "meetings:sheet": HOLDERS,
}
