"""Forms: markup people and screen readers can follow, and words that say what to do."""

from datetime import date

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template

from lighttouch.web.ui.forms import (
    CheckboxSelectMultiple,
    CodeField,
    DateField,
    Form,
    RadioSelect,
    WholeNumberField,
)
from tests.web.ui.markup import Element, read

KINDS = [("letters", "Letters"), ("drinks", "Free tea and coffee")]


class Everything(Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of the trial", max_length=10, help_text="Keep it short.")
    about = forms.CharField(label="About", widget=forms.Textarea, max_length=400)
    email = forms.EmailField(label="Work e-mail address")
    people = WholeNumberField(label="People", min_value=2)
    share = forms.FloatField(label="Share")
    start = DateField(label="Start date", help_text="For example, 3 5 2027")
    kind = forms.ChoiceField(
        label="Kind", choices=KINDS, widget=RadioSelect(hints={"letters": "By post"})
    )
    several = forms.MultipleChoiceField(
        label="Several", choices=KINDS, widget=CheckboxSelectMultiple
    )
    plain = forms.ChoiceField(label="Plain", choices=KINDS, widget=forms.RadioSelect)
    pick = forms.ChoiceField(label="Where", choices=KINDS)
    file = forms.FileField(label="Return")
    text = CodeField(label="Trial file")
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    token = forms.CharField(widget=forms.HiddenInput)
    sure = forms.BooleanField(label="I have checked this", help_text="It cannot be undone.")


def printed(form: forms.Form, **context: object) -> Element:
    shown = Template('{% load ui %}{% ui_form form button="Save" %}')
    return read(shown.render(Context({"form": form, **context})))


@pytest.fixture
def empty() -> Element:
    return printed(Everything({}, {}))


def test_every_visible_field_has_a_label_or_a_legend(empty: Element) -> None:
    labelled = {label["for"] for label in empty.all("label")}
    for box in empty.all("input") + empty.all("textarea") + empty.all("select"):
        assert box.attributes.get("type") == "hidden" or box["id"] in labelled
    assert all(group.all("legend")[0].text for group in empty.all("fieldset"))


def test_error_summary_comes_first_and_links_to_each_field_that_is_wrong(empty: Element) -> None:
    assert empty.children[0].attributes["class"] == "govuk-error-summary"
    links = [link["href"].removeprefix("#") for link in empty.children[0].all("a")]
    identifiers = [e["id"] for e in empty.all() if "id" in e.attributes]
    assert len(links) == len(Everything.base_fields) - 1
    assert len(identifiers) == len(set(identifiers))
    boxes = {e["id"] for e in empty.all() if e.tag in ("input", "textarea", "select")}
    assert [link for link in links if link not in boxes] == []


def test_each_error_stands_beside_its_field_and_describes_it(empty: Element) -> None:
    box = empty.one("input", name="name")
    assert box["aria-describedby"].split() == ["id_name_helptext", "id_name_error"]
    assert box["aria-invalid"] == "true"
    assert empty.one(id="id_name_error").text == "Error: Enter name of the trial"
    dates = next(f for f in empty.all("fieldset") if "Start date" in f.all("legend")[0].text)
    assert dates["aria-describedby"].split() == ["id_start_helptext", "id_start_error"]


def test_messages_say_what_to_do(empty: Element) -> None:
    said = [item.text for item in empty.children[0].all("li")]
    assert said == [
        "Enter name of the trial",
        "Enter about",
        "Enter work e-mail address",
        "Enter people",
        "Enter share",
        "Enter start date",
        "Choose kind",
        "Choose several",
        "Choose plain",
        "Choose where",
        "Choose a file",
        "Enter trial file",
        "Enter password",
        "Enter token",
        "Tick the box to go on",
    ]


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "Recognition letters", "Name of the trial must be 10 characters or fewer"),
        ("email", "ann", "Enter an e-mail address, such as name@council.gov.uk"),
        ("people", "many", "People must be a whole number, such as 30"),
        ("people", "1", "People must be 2 or more"),
        ("share", "half", "Share must be a number, such as 0.25"),
        ("pick", "cake", "Choose one of the answers shown"),
        ("several", "cake", "Choose one of the answers shown"),
    ],
)
def test_each_kind_of_mistake_has_plain_words(field: str, typed: str, message: str) -> None:
    assert Everything({field: [typed] if field == "several" else typed}).errors[field] == [message]


def test_a_form_may_choose_its_own_words() -> None:
    class Own(Form):
        role = forms.CharField(label="Role", error_messages={"required": "Say what they will do"})
        where = forms.CharField(label="Where do they work?")

    assert Own({}).errors == {
        "role": ["Say what they will do"],
        "where": ["Answer “Where do they work?”"],
    }


def test_nothing_is_checked_before_a_form_has_made_its_own_changes() -> None:
    class Late(Form):
        where = forms.ChoiceField(label="Where")

        def __init__(self, *args: object, places: list[str], **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            field = self.fields["where"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(place, place) for place in places]

    assert Late({"where": "dudley"}, places=["dudley"]).is_valid()


def test_what_was_typed_is_still_there_after_an_error() -> None:
    page = printed(
        Everything(
            {
                "name": "a name far too long",
                "about": "Thank-you notes & cards",
                "start_day": "31",
                "start_month": "Feb",
                "start_year": "2027",
                "kind": "drinks",
                "several": ["letters"],
                "pick": "drinks",
                "text": "a = 1\nb = 2\n",
                "secret": "hunter2",
            }
        )
    )
    assert page.one("input", name="name")["value"] == "a name far too long"
    assert page.one("textarea", name="about").text == "Thank-you notes & cards"
    assert [page.one(name=f"start_{p}")["value"] for p in ("day", "month", "year")] == [
        "31",
        "Feb",
        "2027",
    ]
    chosen = [box["value"] for box in page.all("input") if "checked" in box.attributes]
    assert chosen == ["drinks", "letters"]
    assert "b = 2" in page.one("textarea", name="text").text
    assert "value" not in page.one("input", name="secret").attributes


def test_answers_carry_their_explanations(empty: Element) -> None:
    first = empty.one("input", name="kind", value="letters")
    assert empty.one(id=first["aria-describedby"]).text == "By post"


def test_plain_radios_of_django_are_dressed_too(empty: Element) -> None:
    assert {box["class"] for box in empty.all("input", name="plain")} == {"govuk-radios__input"}


def test_no_browser_cuts_a_paste_short_or_checks_in_our_place(empty: Element) -> None:
    for element in empty.all():
        assert not element.attributes.keys() & {"maxlength", "min", "max", "required", "pattern"}
    assert "novalidate" in empty.one("form").attributes


def test_numbers_are_typed_as_people_write_them() -> None:
    form = Everything({"people": "1,315"})
    form.full_clean()
    assert form.cleaned_data["people"] == 1315


def test_long_text_says_how_much_fits(empty: Element) -> None:
    said = empty.one("textarea", name="about")["aria-describedby"].split()
    assert empty.one(id=said[-1]).text == "You can enter up to 400 characters"


def test_trial_file_keeps_its_spaces_and_line_ends() -> None:
    class Write(Form):
        text = CodeField()

    form = Write({"text": "  a = 1\r\nb = 2\r\n"})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "  a = 1\nb = 2\n"


def test_form_with_a_file_is_sent_whole_and_an_empty_file_is_refused(empty: Element) -> None:
    assert empty.one("form")["enctype"] == "multipart/form-data"
    form = Everything({}, {"file": SimpleUploadedFile("a.csv", b"")})
    assert form.errors["file"] == ["The file is empty. Choose another"]


def test_once_token_travels_with_the_form() -> None:
    assert printed(Everything(), once="abc").one("input", name="once")["value"] == "abc"


def test_trap_for_programs_is_hidden_from_people_and_screen_readers() -> None:
    class Trapped(Form):
        website = forms.CharField(required=False)

    assert printed(Trapped()).one(class_="lt-trap")["aria-hidden"] == "true"


def test_one_question_to_a_page_is_its_heading() -> None:
    class Ask(Form):
        heading = "start"
        start = DateField(label="When does it start?")

    assert printed(Ask()).one("h1").text == "When does it start?"


class Day(Form):
    """A date with limits."""

    start = DateField(label="Start date", earliest=date(2027, 1, 1), latest=date(2027, 12, 31))


def typed(day: str, month: str, year: str) -> dict[str, str]:
    return {"start_day": day, "start_month": month, "start_year": year}


@pytest.mark.parametrize("month", ["5", "05", "May", "may"])
def test_month_may_be_a_number_or_a_name(month: str) -> None:
    form = Day(typed("3", month, "2027"))
    assert form.is_valid()
    assert form.cleaned_data["start"] == date(2027, 5, 3)


@pytest.mark.parametrize(
    ("parts", "message", "wrong"),
    [
        (("", "5", "2027"), "Start date must include a day", "day"),
        (("3", "", ""), "Start date must include a month and a year", "month"),
        (("3", "5", "27"), "Year must have 4 numbers, such as 2027", "year"),
        (
            ("3", "Ju", "2027"),
            "Month must be a number from 1 to 12, or a name such as May",
            "month",
        ),
        (
            ("3", "13", "2027"),
            "Month must be a number from 1 to 12, or a name such as May",
            "month",
        ),
        (("31", "2", "2027"), "Start date must be a real date, such as 3 5 2027", "day"),
        (("x", "2", "2027"), "Start date must be a real date, such as 3 5 2027", "day"),
        (("3", "5", "2026"), "Start date must be Friday 1 January 2027 or later", "day"),
        (("3", "5", "2028"), "Start date must be Friday 31 December 2027 or earlier", "day"),
    ],
)
def test_wrong_date_says_which_part_and_links_to_it(
    parts: tuple[str, str, str], message: str, wrong: str
) -> None:
    page = printed(Day(typed(*parts)))
    link = page.children[0].one("a")
    assert (link.text, link["href"]) == (message, f"#id_start_{wrong}")
    assert page.one("input", name=f"start_{wrong}")["aria-invalid"] == "true"


def test_only_the_wrong_part_of_a_date_is_marked() -> None:
    page = printed(Day(typed("3", "5", "27")))
    assert "aria-invalid" not in page.one("input", name="start_day").attributes


def test_date_that_was_saved_comes_back_in_its_boxes() -> None:
    page = printed(Day(initial={"start": date(2027, 5, 3)}))
    assert [page.one(name=f"start_{p}")["value"] for p in ("day", "month", "year")] == [
        "3",
        "5",
        "2027",
    ]


def test_optional_date_may_be_left_out() -> None:
    class Maybe(Form):
        start = DateField(required=False)

    form = Maybe({})
    assert form.is_valid()
    assert form.cleaned_data["start"] is None
