"""Writes of this stage, as later stages call them."""

from lighttouch.web.partners.actions.agreements import (
    Terms,
    add_officer,
    remove_officer,
    save_agreement,
)
from lighttouch.web.partners.actions.calls import (
    CallText,
    publish_call,
    save_call,
    unpublish_call,
)
from lighttouch.web.partners.actions.codesign import (
    add_quote,
    clear_quote,
    delete_quote,
    hold_quote,
    log_entry,
)
from lighttouch.web.partners.actions.expressions import (
    Answers,
    express,
    forget_applicant,
    forget_old_applicants,
    keep_until,
)
from lighttouch.web.partners.actions.funnel import enter_stage
from lighttouch.web.partners.actions.matching import match_partner, unmatch_partner
from lighttouch.web.partners.actions.programmes import create_programme, edit_programme
from lighttouch.web.partners.actions.reviews import (
    Judgement,
    add_note,
    assess,
    decide,
    make_partner,
)
from lighttouch.web.partners.actions.tasks import (
    add_task,
    complete_task,
    move_task,
    reopen_task,
    seed_missing,
    seed_tasks,
)

__all__ = [
    "Answers",
    "CallText",
    "Judgement",
    "Terms",
    "add_note",
    "add_officer",
    "add_quote",
    "add_task",
    "assess",
    "clear_quote",
    "complete_task",
    "create_programme",
    "decide",
    "delete_quote",
    "edit_programme",
    "enter_stage",
    "express",
    "forget_applicant",
    "forget_old_applicants",
    "hold_quote",
    "keep_until",
    "log_entry",
    "make_partner",
    "match_partner",
    "move_task",
    "publish_call",
    "remove_officer",
    "reopen_task",
    "save_agreement",
    "save_call",
    "seed_missing",
    "seed_tasks",
    "unmatch_partner",
    "unpublish_call",
]
