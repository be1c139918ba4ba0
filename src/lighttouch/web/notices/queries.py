"""What waits to be sent, what went, what needs somebody to look."""

from django.db.models import Count, QuerySet

from lighttouch.web.notices.models import Notice, State


def counts() -> dict[State, int]:
    """Return how many e-mails are in each state."""
    found = dict(Notice.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state.value, 0) for state in State}


def listed(state: State | None = None) -> QuerySet[Notice]:
    """Return e-mails, newest first; of one state, if it is given."""
    notices = Notice.objects.select_related("to").defer("sealed_body")
    return notices.filter(state=state) if state else notices
