"""What looks personal, and what a council may rightly call its codes."""

import polars as pl
import pytest

from lighttouch.core.returns.personal import Strictness, classify_personal, find_suspects


def kinds(values: list[str | None], strictness: Strictness) -> list[str | None]:
    return classify_personal(pl.Series(values, dtype=pl.String), strictness).to_list()


CODES = ["S0042", "0001", "AB-17/2", "CSW_0009", "1001.5", "T 12", "NORTH", "A", "X-Y", "LA3 77B"]


def test_codes_are_not_taken_for_persons() -> None:
    assert kinds([*CODES, None], "person") == [None] * (len(CODES) + 1)


@pytest.mark.parametrize(
    "name",
    [
        "Jane Smith", "SMITH, Jane", "J. Smith", "Dr Who", "O'Brien", "Sarah", "sarah", "SARAH",
        "Chukwuma Okafor", "Müller", "Łukasz Żak", "jane.smith", "j_smith", "jsmith", "sarah42",
        "Mary-Jane O’Neil", "Jane Smith 2", "Mrs Patel", "Nguyễn Thị Hoa", "王小明老师",
    ],
)  # fmt: skip
def test_names_in_place_of_a_staff_code(name: str) -> None:
    assert kinds([name], "person") == ["name"]


@pytest.mark.parametrize(
    "place",
    ["North Team", "Duty", "Team 4", "St Mary's House", "St. George's Court", "Oak Lodge", "CIN 2"],
)
def test_teams_and_buildings_may_have_words(place: str) -> None:
    assert kinds([place], "place") == [None]


@pytest.mark.parametrize("place", ["Sarah's team", "Jane Smith", "Mr Patel's team", "Okafor, Ada"])
def test_teams_named_after_people(place: str) -> None:
    assert kinds([place], "place") == ["name"]


@pytest.mark.parametrize(
    "text", ["Sarah Jones left", "Jones, Sarah", "sarah jones", "Ask Mr Jones"]
)
def test_names_in_notes(text: str) -> None:
    assert kinds([text], "text") == ["name"]


@pytest.mark.parametrize("text", ["Mark as done by the team", "Grade 7", "New Street", "part time"])
def test_notes_without_names(text: str) -> None:
    assert kinds([text], "text") == [None]


@pytest.mark.parametrize(
    "phone",
    [
        "07700900123", "07700 900 123", "(020) 7946 0000", "+44 7700 900123", "0044 20 79460000",
        "447700900123", "7700900123", "call 01632 960 001 now", "+1 555 010 0199",
    ],
)  # fmt: skip
def test_telephone_numbers(phone: str) -> None:
    assert kinds([phone] * 3, "text") == ["phone"] * 3


@pytest.mark.parametrize("code", ["0000012345", "10023456789", "12/03/2019", "2019-03-12", "0800"])
def test_numbers_that_are_no_telephone_numbers(code: str) -> None:
    assert kinds([code], "person") == [None]


@pytest.mark.parametrize(
    "number", ["QQ123456C", "qq 12 34 56 c", "QQ-12-34-56-C", "no. QQ123456A."]
)
def test_national_insurance_numbers(number: str) -> None:
    assert kinds([number], "text") == ["ni_number"]


@pytest.mark.parametrize("code", ["QQ123456", "QQ1234567C", "XQQ123456C", "QQ123456E"])
def test_codes_that_are_no_insurance_numbers(code: str) -> None:
    assert kinds([code], "person") == [None]


def test_email_addresses() -> None:
    assert kinds(["a@b", "Jo <jo@example.org>", "at @ home"], "text") == ["email", "email", None]


def test_nothing_is_nothing() -> None:
    assert kinds([], "person") == []


def test_suspects_are_distinct_texts_that_are_not_plain_codes() -> None:
    values = pl.Series(["S1", "x y", None, "x y", "0123456789"])
    assert find_suspects(values).to_list() == ["x y", "0123456789"]


@pytest.mark.parametrize("text", ["100.0234567890123", "-0.0771234567891", "7.7009001234567e-05"])
def test_a_measurement_is_no_telephone_number(text: str) -> None:
    assert find_suspects(pl.Series([text])).to_list() == []


@pytest.mark.parametrize("text", ["0770.0900123", "07700 900123", "+44 7700.900123"])
def test_a_telephone_number_with_a_point_is_still_one(text: str) -> None:
    suspects = find_suspects(pl.Series([text]))
    assert classify_personal(suspects, "text").to_list() == ["phone"]
