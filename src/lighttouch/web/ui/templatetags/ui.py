"""What templates say dates, numbers, statuses and small pieces with: ``{% load ui %}``."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lighttouch.web.ui import dates

register = template.Library()

STATUS_COLOURS = {
    "done": "green",
    "doing": "blue",
    "wrong": "red",
    "late": "orange",
    "waiting": "grey",
    "closed": "grey",
}


@register.filter
def said_date(moment: date | datetime | None) -> str:
    """Say a day: ``Friday 3 May 2019``."""
    return dates.say_date(moment) if moment else ""


@register.filter
def said_moment(moment: datetime | None) -> str:
    """Say a moment: ``Friday 3 May 2019 at 9:30am``."""
    return dates.say_moment(moment) if moment else ""


@register.filter
def said_distance(moment: date | datetime | None) -> str:
    """Say how far a day is from today: ``in 3 days``."""
    return dates.say_distance(moment, timezone.localdate()) if moment else ""


@register.filter
def number(value: float | None) -> str:
    """Write a number with commas: ``1,315``."""
    return "" if value is None else f"{value:,}"


@register.filter
def counted(value: int, words: str) -> str:
    """Write a count with its noun: ``{{ n|counted:"person,people" }}``."""
    one, many = words.split(",")
    return f"{value:,} {one if value == 1 else many}"


@register.simple_tag
def status(kind: str, words: str) -> SafeString:
    """Show a status tag; ``kind`` is done, doing, wrong, late, waiting or closed."""
    colour = STATUS_COLOURS.get(kind, "grey")
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, words)


@register.inclusion_tag("ui/breadcrumbs.html")
def breadcrumbs(*parts: str) -> dict[str, Any]:
    """Show where a page is: text, address, text, address, …, and the page's own text last."""
    pairs = [
        {"text": parts[i], "href": parts[i + 1] if i + 1 < len(parts) else ""}
        for i in range(0, len(parts), 2)
    ]
    return {"crumbs": pairs}


@register.inclusion_tag("ui/empty.html")
def empty(title: str, text: str, href: str = "", action: str = "") -> dict[str, str]:
    """Say that there is nothing yet, and what to do next."""
    return {"title": title, "text": text, "href": href, "action": action}


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: dict[str, Any], page: Any) -> dict[str, Any]:  # noqa: ANN401
    """Link the pages of a list, keeping its filters."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.inclusion_tag("ui/faults.html")
def faults(items: Iterable[Any], title: str = "There is a problem") -> dict[str, Any]:
    """List faults with their places and remedies."""
    return {"faults": list(items), "title": title}


@register.inclusion_tag("ui/charts/chart.html")
def chart(drawn: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the charts
    """Draw a chart made by ``lighttouch.web.ui.charts``."""
    return {"chart": drawn, "template": f"ui/charts/{drawn.kind}.html"}
