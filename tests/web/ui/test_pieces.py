"""Words, tags and pages: what people read, and what a page always has."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from lighttouch.core.errors import Fault
from lighttouch.web.ui import dates
from lighttouch.web.ui.forms import Form
from lighttouch.web.ui.pieces import Fact, Table, Task
from tests.web.ui.markup import Element, read

MAY = date(2019, 5, 3)


def said(text: str, **context: Any) -> str:
    return Template("{% load ui %}" + text).render(Context(context))


def shown(text: str, **context: Any) -> Element:
    return read(said(text, **context))


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("{{ v|said_date }}", MAY, "Friday 3 May 2019"),
        ("{{ v|said_date }}", None, ""),
        ("{{ v|said_day }}", MAY, "3 May 2019"),
        (
            "{{ v|said_moment }}",
            datetime(2019, 5, 3, 8, 30, tzinfo=UTC),
            "Friday 3 May 2019 at 9:30am",
        ),
        (
            "{{ v|said_moment }}",
            datetime(2019, 1, 3, 15, 0, tzinfo=UTC),
            "Thursday 3 January 2019 at 3pm",
        ),
        (
            "{{ v|said_moment }}",
            datetime(2019, 1, 3, 12, 0, tzinfo=UTC),
            "Thursday 3 January 2019 at midday",
        ),
        ("{{ v|number }}", 1315, "1,315"),
        ("{{ v|number }}", None, ""),
        ('{{ v|counted:"person,people" }}', 1, "1 person"),
        ('{{ v|counted:"person,people" }}', 1315, "1,315 people"),
        ('{{ v|plural:"is,are" }}', 0, "are"),
        ("{{ v|percent }}", 0.784, "78%"),
        ("{{ v|percent }}", None, "–"),
    ],
)
def test_dates_and_numbers_are_said_as_people_say_them(text: str, value: Any, words: str) -> None:
    assert said(text, v=value) == words


def test_a_moment_near_midnight_belongs_to_the_day_in_london() -> None:
    assert dates.say_date(datetime(2019, 6, 1, 23, 30, tzinfo=UTC)) == "Sunday 2 June 2019"
    assert dates.say_time(datetime(2019, 6, 1, 23, 0, tzinfo=UTC)) == "midnight"


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2019, 5, 3), "today"),
        (date(2019, 5, 2), "tomorrow"),
        (date(2019, 5, 4), "yesterday"),
        (date(2019, 4, 30), "in 3 days"),
        (date(2019, 5, 15), "12 days ago"),
        (date(2019, 3, 3), "in 2 months"),
        (date(2018, 5, 3), "in 12 months"),
        (date(2022, 5, 3), "3 years ago"),
    ],
)
def test_distance_is_said_in_the_unit_people_would_use(today: date, words: str) -> None:
    assert dates.say_distance(MAY, today) == words


def test_fact_that_can_be_changed_has_a_link_that_makes_sense_alone() -> None:
    page = shown(
        "{% summary_list facts %}", facts=[Fact("Launch date", "3 May", "/x/"), Fact("Due", "–")]
    )
    assert page.one("a").text == "Change launch date"
    assert [row.text for row in page.all("dt")] == ["Launch date", "Due"]


def test_facts_may_be_given_in_place() -> None:
    page = shown('{% facts "Due" due "Sent" "not yet" %}', due="<b>3 May</b>")
    assert [row.text for row in page.all("dd")] == ["<b>3 May</b>", "not yet"]


def test_task_link_is_described_by_its_state_and_hint() -> None:
    tasks = [
        Task("Send it", "late", "3 days late", "/x/", "Due Friday"),
        Task("Wait", "closed", "No"),
    ]
    page = shown("{% task_list tasks %}", tasks=tasks)
    described = [page.one(id=name).text for name in page.one("a")["aria-describedby"].split()]
    assert described == ["3 days late", "Due Friday"]


def test_table_has_a_caption_headings_and_numbers_to_the_right() -> None:
    drawn = Table("Exclusions", ("Reason", "People"), (("Agency", "87"),), frozenset({1}))
    page = shown("{% table drawn %}", drawn=drawn)
    assert page.one("caption").text == "Exclusions"
    assert [head["scope"] for head in page.all("th")] == ["col", "col", "row"]
    assert "govuk-table__cell--numeric" in page.one("td")["class"]


def test_pages_of_a_list_keep_its_filters() -> None:
    request = RequestFactory().get("/x/?partner=dudley&page=2")
    page = Paginator(range(200), 10).page(7)
    links = shown("{% pagination page %}", page=page, request=request).all("a")
    assert links[0]["href"] == "?partner=dudley&page=6"
    assert [link.text for link in links] == ["Previous page", "1", "6", "7", "8", "20", "Next page"]


def test_one_page_has_no_links_to_others() -> None:
    request = RequestFactory().get("/x/")
    assert (
        said("{% pagination page %}", page=Paginator([1], 10).page(1), request=request).strip()
        == ""
    )


def test_faults_say_place_fault_and_remedy() -> None:
    found = [Fault("the wave is unknown", "line 3", "Name one of: baseline"), Fault("it is empty")]
    page = shown("{% faults found 'In the way' %}", found=found)
    assert [item.text for item in page.all("li")] == [
        "Line 3: the wave is unknown. Name one of: baseline.",
        "It is empty.",
    ]


def test_progress_says_how_far_it_is_and_without_a_total_that_it_goes_on() -> None:
    bar = shown("{% progress 'Checking' 40 100 %}").one("progress")
    assert (bar["value"], bar["max"], bar["aria-label"]) == ("40", "100", "Checking")
    assert "value" not in shown("{% progress 'Checking' %}").one("progress").attributes


def test_passages_escape_what_they_are_given() -> None:
    for tag in ("inset", "warning", "next_step", 'details "More"'):
        end = tag.split()[0]
        assert "<b>" not in said(f"{{% {tag} %}}{{{{ v }}}}{{% end{end} %}}", v="<b>")


def whole(page: str, **context: Any) -> Element:
    request = RequestFactory().get("/")
    return read(Template(page).render(Context({"request": request, **context})))


class Name(Form):
    """One field."""

    name = forms.CharField()


FORM_PAGE = (
    "{% extends 'ui/page.html' %}{% load ui %}{% block title %}Name{% endblock %}{% block main %}"
    "<h1>Name</h1>{% ui_form form %}{% endblock %}"
)


def test_page_has_language_skip_link_one_main_part_and_footer_links() -> None:
    page = whole("{% extends 'ui/page.html' %}")
    assert page.one("html")["lang"] == "en-GB"
    assert page.one("body").children[0]["href"] == f"#{page.one('main')['id']}"
    links = [link.text for link in page.one("footer").all("a")]
    assert links == ["Privacy", "Accessibility", "How this works"]


def test_title_and_top_of_the_page_say_that_something_is_wrong() -> None:
    page = whole(FORM_PAGE, form=Name({}))
    assert page.one("title").text == "Error: Name – Lighttouch"
    assert page.one("main").children[0].attributes["class"] == "govuk-error-summary"
    assert len(page.all(class_="govuk-error-summary")) == 1


def test_title_says_nothing_of_errors_where_there_are_none() -> None:
    assert whole(FORM_PAGE, form=Name()).one("title").text == "Name – Lighttouch"


def test_demonstration_is_announced_on_every_page_only_when_it_is_one() -> None:
    text = "Everybody and everything here is simulated."
    assert text in whole("{% extends 'ui/page.html' %}", demonstration=True).text
    assert text not in whole("{% extends 'ui/page.html' %}").text


def test_back_link_is_in_a_landmark_and_an_empty_place_is_not_one() -> None:
    back = "{% extends 'ui/page.html' %}{% block before %}<a href='/'>Back</a>{% endblock %}"
    assert len(whole(back).all("nav")) == 2
    assert len(whole("{% extends 'ui/page.html' %}").all("nav")) == 1


@pytest.mark.parametrize(
    ("level", "title", "role"),
    [
        (constants.SUCCESS, "Done", "alert"),
        (constants.ERROR, "There is a problem", "alert"),
        (constants.WARNING, "Please note", "region"),
    ],
)
def test_message_stands_at_the_top_under_a_word_for_its_kind(
    level: int, title: str, role: str
) -> None:
    page = whole("{% extends 'ui/page.html' %}", messages=[Message(level, "It was kept.")])
    banner = page.one(class_="govuk-notification-banner")
    assert (banner.one("h2").text, banner["role"]) == (title, role)
    assert "It was kept." in banner.text


@pytest.mark.parametrize(
    "name",
    [
        *("400.html", "403.html", "404.html", "500.html", "403_csrf.html"),
        *("ui/too_large.html", "ui/moved_on.html"),
    ],
)
def test_error_page_needs_nothing_and_says_what_to_do_next(name: str) -> None:
    page = read(render_to_string(name))
    assert page.one("h1").text in page.one("title").text
    assert len(page.one("main").all("p")) >= 2
