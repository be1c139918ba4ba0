"""Reads of this stage, as later stages call them."""

from lighttouch.web.partners.queries.calls import published_calls
from lighttouch.web.partners.queries.codesign import quotes_csv
from lighttouch.web.partners.queries.funnel import funnel, funnel_csv
from lighttouch.web.partners.queries.matching import conflicts
from lighttouch.web.partners.queries.tasks import (
    agreed_launches,
    agreement,
    contact_route,
    late_tasks,
    next_task,
    officers,
    tasks,
    tasks_of,
    tasks_of_trial,
)

__all__ = [
    "agreed_launches",
    "agreement",
    "conflicts",
    "contact_route",
    "funnel",
    "funnel_csv",
    "late_tasks",
    "next_task",
    "officers",
    "published_calls",
    "quotes_csv",
    "tasks",
    "tasks_of",
    "tasks_of_trial",
]
