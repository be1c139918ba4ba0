"""Charts: what they draw, they also say in words and numbers."""

from datetime import date

import pytest
from django.template import Context, Template

from lighttouch.web.ui.charts import (
    Cell,
    Chart,
    Due,
    Row,
    draw_balance,
    draw_bars,
    draw_curve,
    draw_funnel,
    draw_grid,
    draw_timeline,
)
from tests.web.ui.markup import Element, read

TODAY = date(2027, 3, 15)
BARS = [("Dudley", 320, 410), ("Shropshire", 0, 315), ("Isle of Wight", 0, 0)]
DUES = {
    "Dudley": [Due(date(2026, 9, 1), "Baseline return", done=True)],
    "Shropshire": [Due(date(2027, 3, 14), "Interim return"), Due(date(2027, 9, 1), "Endline")],
    "Isle of Wight": [Due(TODAY, "Interim return")],
    "Bracknell Forest": [],
}
DIFFERENCES = [("Age", 0.04), ("Service", -0.13), ("Absence", 0.31), ("Grade", None)]
CURVE = [(0.3, 0.97), (0.1, 0.42), (0.2, 0.8)]


def shown(drawn: object) -> Element:
    return read(Template("{% load ui %}{% chart drawn %}").render(Context({"drawn": drawn})))


def table(page: Element) -> list[list[str]]:
    rows = page.one("table").all("tr")
    return [[cell.text for cell in row.children] for row in rows]


def places(drawn: Chart) -> list[float]:
    marks = [mark for strip in drawn.strips for mark in strip.marks] + list(drawn.scale)
    return [mark.at for mark in marks] + [mark.at + mark.width for mark in marks]


def test_response_says_every_number_that_it_draws() -> None:
    page = shown(draw_bars("Response", BARS, target=0.6, noun="answered"))
    assert table(page) == [
        ["Which", "Answered", "Of", "Share"],
        ["Dudley", "320", "410", "78%"],
        ["Shropshire", "0", "315", "0%"],
        ["Isle of Wight", "0", "0", "–"],
    ]
    assert [item.text for item in page.all("li", class_="lt-strip")] == [
        "Dudley: 320 of 410 (78%)",
        "Shropshire: 0 of 315 (0%)",
        "Isle of Wight: none yet",
    ]
    assert "320 of 725 answered, 44%. Planned: 60%." in page.text


def test_response_bar_is_as_long_as_its_share_and_the_target_stands_where_it_is() -> None:
    first = draw_bars("Response", BARS, target=0.6).strips[0]
    assert [mark.width for mark in first.marks if mark.look == "c-bar"] == [78.05]
    assert [mark.at for mark in first.marks if mark.look == "c-goal"] == [60.0]


def test_more_answers_than_people_do_not_leave_the_drawing() -> None:
    assert max(places(draw_bars("Response", [("Dudley", 500, 410)]))) == 100


def test_funnel_says_how_many_are_left_at_each_stage() -> None:
    page = shown(draw_funnel("Recruitment", [("Expressed interest", 35), ("Agreed", 15)]))
    assert table(page)[1:] == [["Expressed interest", "35", "–"], ["Agreed", "15", "43%"]]
    assert "35 expressed interest, then 15 agreed." in page.text


def test_timeline_says_what_is_done_what_is_late_and_what_is_to_come() -> None:
    page = shown(draw_timeline("Due", DUES, today=TODAY))
    assert table(page)[1:] == [
        ["Dudley", "Baseline return", "Tuesday 1 September 2026", "done"],
        ["Shropshire", "Interim return", "Sunday 14 March 2027", "late"],
        ["Shropshire", "Endline", "Wednesday 1 September 2027", "to come"],
        ["Isle of Wight", "Interim return", "Monday 15 March 2027", "to come"],
    ]
    values = [value.text for value in page.all("span") if "lt-strip__value" in value["class"]]
    assert values == ["all done", "1 late", "next 15 Mar", "nothing due"]


def test_timeline_shows_states_by_shape_as_well_as_by_colour() -> None:
    drawn = draw_timeline("Due", DUES, today=TODAY)
    shapes = [m.shape for strip in drawn.strips for m in strip.marks if m.words]
    assert shapes == ["check", "diamond", "ring", "ring"]


def test_timeline_marks_today_and_at_most_six_months() -> None:
    drawn = draw_timeline("Due", DUES | {"Far": [Due(date(2033, 1, 1), "Late")]}, today=TODAY)
    words = [mark.words for mark in drawn.scale]
    assert words[-1] == "today"
    assert 2 <= len(words) - 1 <= 6
    assert all(0 <= place <= 100 for place in places(drawn))


def test_timeline_of_one_day_can_be_drawn() -> None:
    drawn = draw_timeline("Due", {"Dudley": [Due(TODAY, "Baseline")]}, today=TODAY)
    assert all(0 <= place <= 100 for place in places(drawn))


def test_balance_says_each_difference_and_how_many_are_large() -> None:
    page = shown(draw_balance("Balance", DIFFERENCES))
    assert table(page)[1:] == [
        ["Age", "+0.04"],
        ["Service", "−0.13"],
        ["Absence", "+0.31"],
        ["Grade", "–"],
    ]
    assert "1 of 3 by more than 0.25 standard deviations, 1 by 0.1 to 0.25." in page.text


def test_balance_marks_a_large_difference_by_shape_and_stays_inside() -> None:
    drawn = draw_balance("Balance", [*DIFFERENCES, ("Hours", 2.4)])
    shapes = [m.shape for strip in drawn.strips for m in strip.marks if m.words]
    assert shapes == ["dot", "dot", "diamond", "diamond"]
    assert all(0 <= place <= 100 for place in places(drawn))


def test_difference_of_nothing_has_no_sign() -> None:
    assert draw_balance("Balance", [("Age", -0.001)]).rows == (("Age", "0.00"),)


def test_power_is_said_point_by_point_and_the_plan_in_words() -> None:
    page = shown(draw_curve("Power", CURVE, planned=(0.2, 0.8), across="Effect"))
    assert table(page) == [["Effect", "Power"], ["0.1", "42%"], ["0.2", "80%"], ["0.3", "97%"]]
    assert page.one("svg", role="img")["aria-label"] == (
        "Power. Planned: 0.2, with power 80%. Aimed at: 80%."
    )


def test_power_is_drawn_from_left_to_right() -> None:
    drawn = draw_curve("Power", CURVE, planned=(0.2, 0.8))
    assert drawn.path == "M0.0 58.0 L50.0 20.0 L100.0 3.0"
    assert drawn.planned is not None
    assert drawn.planned.at == 50.0


def test_numbers_of_people_are_written_as_people_write_them() -> None:
    drawn = draw_curve("Power", [(800, 0.5), (1240, 0.9)], across="People")
    assert [row[0] for row in drawn.rows] == ["800", "1,240"]


def test_power_of_nothing_can_be_shown() -> None:
    assert "Aimed at: 80%." in shown(draw_curve("Power", [])).text


def test_a_name_is_never_read_as_markup() -> None:
    dues = {"<b>Dudley</b>": [Due(TODAY, "<i>Return</i> & more")]}
    page = shown(draw_timeline("Due", dues, today=TODAY))
    assert page.all("b") + page.all("i") == []
    assert page.all("title")[0].text == "<i>Return</i> & more, Monday 15 March 2027: to come"


def grid() -> Element:
    late = Cell("Endline", "late", "Late", "/dudley/endline/", "12 days")
    rows = [
        Row("Dudley", (Cell("Baseline", "done", "Signed off"), late), "/dudley/"),
        Row(
            "Shropshire", (Cell("Baseline", "done", "Signed off"), Cell("Endline", "waiting", "–"))
        ),
    ]
    return shown(draw_grid("Returns", ("Baseline", "Endline"), rows))


def test_grid_says_in_words_what_it_shows_in_colour() -> None:
    assert table(grid()) == [
        ["Partner", "Baseline 2 of 2 done", "Endline 0 of 2 done"],
        ["Dudley", "✓ Signed off", "! Late: Dudley, Endline 12 days"],
        ["Shropshire", "✓ Signed off", "○ –"],
    ]


def test_grid_cell_links_to_its_return_and_the_link_makes_sense_alone() -> None:
    link = grid().one("a", href="/dudley/endline/")
    assert "Late: Dudley, Endline" in link.text


def test_grid_on_a_phone_names_the_wave_of_each_cell() -> None:
    assert {cell["data-label"] for cell in grid().all("td")} == {"Baseline", "Endline"}


@pytest.mark.parametrize(
    "drawn",
    [
        draw_bars("Response", BARS, target=0.5),
        draw_funnel("Funnel", [("Interest", 3)]),
        draw_timeline("Due", DUES, today=TODAY),
        draw_balance("Balance", DIFFERENCES),
        draw_curve("Power", CURVE, planned=(0.2, 0.8)),
    ],
)
def test_pictures_are_hidden_from_screen_readers_or_described(drawn: object) -> None:
    page = shown(drawn)
    outer = [e for e in page.all("svg") if "width" in e.attributes]
    hidden = {id(e) for h in page.all(aria_hidden="true") for e in [h, *h.all("svg")]}
    described = {id(e) for d in page.all("svg", role="img") for e in [d, *d.all("svg")]}
    assert [e for e in outer if id(e) not in hidden | described] == []


@pytest.mark.parametrize("drawn", [draw_bars("A", []), draw_funnel("B", [])])
def test_chart_of_nothing_says_so(drawn: Chart) -> None:
    page = shown(drawn)
    assert "Nothing to show yet." in page.text
    assert page.all("table") == []
