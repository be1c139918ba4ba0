"""What templates say dates, numbers, statuses and small pieces with: ``{% load ui %}``."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lighttouch.web.ui import dates
from lighttouch.web.ui.forms import Form
from lighttouch.web.ui.pieces import COLOURS, Column, Fact, Table, Task

register = template.Library()


# Words


@register.filter
def said_date(moment: date | datetime | None) -> str:
    """Say a day: ``Friday 3 May 2019``."""
    return dates.say_date(moment) if moment else ""


@register.filter
def said_day(moment: date | datetime | None) -> str:
    """Say a day in short, for tables: ``3 May 2019``."""
    return dates.say_day(moment) if moment else ""


@register.filter
def said_moment(moment: datetime | None) -> str:
    """Say a moment: ``Friday 3 May 2019 at 9:30am``."""
    return dates.say_moment(moment) if moment else ""


@register.filter
def said_distance(moment: date | datetime | None) -> str:
    """Say how far a day is from today: ``in 3 days``."""
    return dates.say_distance(moment, dates.day_of(timezone.now())) if moment else ""


@register.filter
def number(value: float | None) -> str:
    """Write a number with commas: ``1,315``."""
    return "" if value is None else f"{value:,}"


@register.filter
def counted(value: int, words: str) -> str:
    """Write a count with its noun: ``{{ n|counted:"person,people" }}``."""
    return f"{value:,} {plural(value, words)}"


@register.filter
def plural(value: int, words: str) -> str:
    """Write the noun that goes with a count: ``{{ n|plural:"person,people" }}``."""
    one, many = words.split(",")
    return one if value == 1 else many


@register.filter
def percent(share: float | None) -> str:
    """Write a share from 0 to 1 as a percentage: ``78%``."""
    return "–" if share is None else f"{share:.0%}"


# Forms


@register.inclusion_tag("ui/form.html", takes_context=True)
def ui_form(
    context: Context,
    form: BaseForm,
    button: str = "Continue",
    cancel: str = "",
    action: str = "",
    warning: bool = False,
) -> dict[str, Any]:
    """Print a form whole: what is wrong, its fields and its button."""
    return {
        "form": form,
        "button": button,
        "cancel": cancel,
        "action": action,
        "warning": warning,
        "once": context.get("once", ""),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("ui/error_summary.html")
def error_summary(form: BaseForm | None) -> dict[str, Any]:
    """List what is wrong with a form, with links to its fields; only once to a page."""
    shown = isinstance(form, BaseForm) and bool(form.errors)
    if isinstance(form, Form):
        shown = shown and not form.summary_shown
        form.summary_shown = form.summary_shown or shown
    return {"form": form, "shown": shown}


@register.simple_tag(takes_context=True)
def wrong_forms(context: Context) -> list[Form]:
    """Return the page's forms that have something wrong, for the top of the page."""
    return [form for form in _values(context) if isinstance(form, Form) and form.errors]


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """Begin the page's title with "Error:" where a form of the page has something wrong."""
    wrong = (form.errors for form in _values(context) if isinstance(form, BaseForm))
    return "Error: " if any(wrong) else ""


def _values(context: Context) -> list[object]:
    return list(context.flatten().values())


# Pieces


@register.simple_tag
def status(kind: str, words: str) -> SafeString:
    """Show a status tag; ``kind`` is done, doing, wrong, late, waiting or closed."""
    colour = COLOURS.get(kind, "grey")
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, words)


@register.inclusion_tag("ui/breadcrumbs.html")
def breadcrumbs(*parts: str) -> dict[str, Any]:
    """Show where a page is: text, address, text, address, …, and the page's own text last."""
    pairs = [
        {"text": parts[i], "href": parts[i + 1] if i + 1 < len(parts) else ""}
        for i in range(0, len(parts), 2)
    ]
    return {"crumbs": pairs}


@register.simple_block_tag
def landmark(content: str, label: str) -> SafeString:
    """Make a landmark of what stands outside the page's main part, where there is anything."""
    if not content.strip() or "<nav" in content:
        return SafeString(content)
    return format_html('<nav aria-label="{}">{}</nav>', label, content)


@register.inclusion_tag("ui/summary_list.html")
def summary_list(facts: Iterable[Fact]) -> dict[str, Any]:
    """List facts, each with a link where it can be changed."""
    listed = list(facts)
    return {"facts": listed, "links": any(fact.href for fact in listed)}


@register.inclusion_tag("ui/summary_list.html", name="facts")
def facts_of(*parts: object) -> dict[str, Any]:
    """List facts given in place: key, value, and so on."""
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {"facts": [Fact(str(key), value) for key, value in pairs], "links": False}


@register.inclusion_tag("ui/task_list.html")
def task_list(tasks: Iterable[Task], prefix: str = "task") -> dict[str, Any]:
    """List tasks with their states; ``prefix`` keeps two lists on a page apart."""
    return {"tasks": list(tasks), "prefix": prefix}


@register.inclusion_tag("ui/table.html")
def table(shown: Table) -> dict[str, Any]:
    """Show a table; on a phone each row becomes a card."""
    columns = [Column(text, place in shown.numeric) for place, text in enumerate(shown.headings)]
    rows = [list(zip(columns, row, strict=True)) for row in shown.rows]
    return {"table": shown, "columns": columns, "rows": rows}


@register.inclusion_tag("ui/empty.html")
def empty(title: str, text: str, href: str = "", action: str = "") -> dict[str, str]:
    """Say that there is nothing yet, and what to do next."""
    return {"title": title, "text": text, "href": href, "action": action}


@register.inclusion_tag("ui/progress.html")
def progress(words: str, done: int = 0, total: int = 0) -> dict[str, Any]:
    """Show how far long work is; without a total, that it goes on."""
    said = f"{done:,} of {total:,}" if total else ""
    return {
        "words": words,
        "done": min(done, total),
        "total": total,
        "said": said,
        "share": f"{min(done, total) / total:.0%}" if total else "",
    }


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> dict[str, Any]:
    """Link the pages of a list, keeping its filters."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    kept = f"{query.urlencode()}&" if query else ""
    return {"page": page, "query": kept, "numbers": list(numbers), "gap": Paginator.ELLIPSIS}


@register.inclusion_tag("ui/faults.html")
def faults(items: Iterable[Any], title: str = "There is a problem") -> dict[str, Any]:
    """List faults with their places and remedies."""
    return {"faults": list(items), "title": title}


@register.simple_block_tag
def inset(content: str) -> SafeString:
    """Set a passage apart."""
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def warning(content: str) -> SafeString:
    """Warn of what cannot be undone, or of what may go wrong."""
    return format_html(
        '<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">'
        '!</span><strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">'
        "Warning</span>{}</strong></div>",
        content,
    )


@register.simple_block_tag
def details(content: str, title: str) -> SafeString:
    """Fold away what few people need."""
    return format_html(
        '<details class="govuk-details"><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}</span></summary>'
        '<div class="govuk-details__text">{}</div></details>',
        title,
        content,
    )


@register.simple_block_tag
def next_step(content: str, title: str = "What to do next") -> SafeString:
    """Put the next act where nobody can miss it."""
    return format_html(
        '<section class="lt-next" aria-label="{}"><h2 class="govuk-heading-s">{}</h2>{}</section>',
        title,
        title,
        content,
    )


@register.inclusion_tag("ui/charts/chart.html")
def chart(drawn: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the charts
    """Draw a chart made by ``lighttouch.web.ui.charts``."""
    return {"chart": drawn, "template": f"ui/charts/{drawn.kind}.html"}
