"""Who may use the addresses of programmes, calls, partners and their tasks."""

from collections.abc import Mapping
from typing import Any

from lighttouch.web.partners import actions
from lighttouch.web.partners.models import Kind, Stage
from tests.web.access import EVERYBODY
from tests.web.cast import NOW, Cast
from tests.web.partners import making

MANAGERS = frozenset({"trial_manager", "second"})
REVIEWERS = MANAGERS | {"researcher"}
AT_PARTNER = MANAGERS | {"coordinator"}

ACCESS: dict[str, frozenset[str]] = {
    "partners:programmes": REVIEWERS | {"outsider"},
    "partners:programme-new": MANAGERS | {"outsider", "administrator"},
    "partners:programme": REVIEWERS,
    "partners:programme-edit": MANAGERS,
    "partners:call-manage": REVIEWERS,
    "partners:call-edit": MANAGERS,
    "partners:call-publish": MANAGERS,
    "partners:expressions": REVIEWERS,
    "partners:expression": REVIEWERS,
    "partners:expression-note": REVIEWERS,
    "partners:expression-assess": REVIEWERS,
    "partners:expression-decide": MANAGERS,
    "partners:expression-partner": MANAGERS,
    "partners:expression-forget": REVIEWERS,
    "partners:funnel": REVIEWERS,
    "partners:funnel-file": REVIEWERS,
    "partners:funnel-stage": MANAGERS,
    "partners:codesign": REVIEWERS,
    "partners:codesign-new": REVIEWERS,
    "partners:quotes": REVIEWERS,
    "partners:codesign-entry": REVIEWERS,
    "partners:quote-clear": MANAGERS,
    "partners:matching": REVIEWERS,
    "partners:match": MANAGERS,
    "partners:unmatch": MANAGERS,
    "partners:call": EVERYBODY,
    "partners:express": EVERYBODY,
    "partners:express-check": EVERYBODY,
    "partners:express-sent": EVERYBODY,
    "partners:tasks": AT_PARTNER,
    "partners:task": AT_PARTNER,
    "partners:task-move": MANAGERS,
    "partners:agreement": AT_PARTNER,
    "partners:agreement-edit": MANAGERS,
    "partners:officers": AT_PARTNER,
    "partners:officer-remove": AT_PARTNER,
}


def prepare(cast: Cast) -> dict[str, Mapping[str, object]]:
    """Make a call, an expression, a log entry with a quote, a task and an officer."""
    by = cast["trial_manager"]
    where: dict[str, Any] = {"trial": cast.trial, "partner": cast.dudley}
    call = making.make_call(cast.programme, by)
    reference = {"reference": making.make_expression(call).reference}
    entry = actions.log_entry(
        programme=cast.programme,
        kind=Kind.WORKSHOP,
        on=making.TODAY,
        title="First workshop",
        text="We listened.",
        by=by,
        now=NOW,
    )
    quote = actions.add_quote(
        entry=entry, theme="Time", role="Team manager", text="We are busy.", by=by, now=NOW
    )
    task = actions.add_task(key="ready", title="Confirm", by=by, now=NOW, **where)
    officer = actions.add_officer(
        name="Wilhelmina Featherstone",
        role="Analyst",
        email="w@northshire.example",
        by=by,
        now=NOW,
        **where,
    )
    pages = ("expression", "note", "assess", "decide", "partner", "forget")
    found: dict[str, Mapping[str, object]] = {
        f"partners:expression-{page}": reference for page in pages[1:]
    }
    return found | {
        "partners:expression": reference,
        "partners:express-sent": reference,
        "partners:express": {"step": "organisation"},
        "partners:funnel-stage": {"stage": Stage.ASKED.value},
        "partners:codesign-entry": {"entry": entry.pk},
        "partners:quote-clear": {"quote": quote.pk},
        "partners:task": {"task": task.pk},
        "partners:task-move": {"task": task.pk},
        "partners:officer-remove": {"officer": officer.pk},
    }
