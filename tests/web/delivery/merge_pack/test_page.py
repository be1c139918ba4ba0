"""The offline page in a real browser without a network: names are joined and never leave."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from lighttouch.web.delivery.transports.merge_pack import Row, write_csv, write_page
from tests.web.browser.conftest import ARGUMENTS, AXE, CHROMIUM, RULES

pytestmark = pytest.mark.browser
NAMES = (
    "Payroll number,Name,E-mail\r\n"
    'A1,"O\'Brien, Siân",sian@example.org\r\n'
    "-7,=HYPERLINK(1),minus@example.org\r\n"
    "C3,Chris,chris@example.org\r\n"
    "C3,Chris again,chris2@example.org\r\n"
    "Z9,Zoe,zoe@example.org\r\n"
)
PACK = [
    Row(
        code,
        "Your survey",
        f"https://example.org/s/{code}/",
        f'Dear "colleague",\n\nOne, {code}',
        f"https://example.org/o/{code}/",
    )
    for code in ("A1", "-7", "B2", "C3")
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser without a network, with the page on its disk; what it asks for fails the tests."""
    file = tmp_path_factory.mktemp("pack") / "join.html"
    file.write_bytes(write_page())
    asked: set[str] = set()
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(offline=True, viewport={"width": 390, "height": 900})
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda request: asked.add(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(file.as_uri())
        yield page
        browser.close()
    assert {one for one in asked if not one.startswith("blob:")} == {file.as_uri()}
    assert wrong == []


@pytest.fixture
def page(opened: Page) -> Page:
    """The page as it opens."""
    opened.reload()
    return opened


def choose(page: Page, names: bytes = NAMES.encode(), pack: bytes | None = None) -> None:
    """Choose both files, and wait until they are read."""
    content = write_csv(PACK) if pack is None else pack
    for part, given in (("pack", content), ("names", names)):
        page.locator(f"#{part}").set_input_files(
            {"name": f"{part}.csv", "mimeType": "text/csv", "buffer": given}
        )
        page.locator(f"#{part}-said:not(:empty)").wait_for()


def joined(page: Page) -> str:
    return page.locator("#joined-said").inner_text()


def codes(page: Page, part: str) -> list[str]:
    return page.locator(f"#{part} li").all_text_contents()


def saved(page: Page) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the joined list").click()
    content = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def test_what_matches_is_joined_and_what_does_not_is_listed_by_code(page: Page) -> None:
    choose(page)
    assert joined(page) == "2 of 4 messages have a name."
    assert codes(page, "unnamed") == ["B2"]
    assert codes(page, "unasked") == ["Z9"]
    assert codes(page, "twice") == ["C3"]


def said(place: int) -> list[str]:
    """What the pack says to one person."""
    row = PACK[place]
    return [row.subject, row.link, row.text, row.opt_out]


def test_the_joined_list_is_whole_and_nothing_in_it_runs(page: Page) -> None:
    choose(page)
    assert saved(page) == [
        ["Payroll number", "Name", "E-mail", "subject", "link", "text", "opt_out"],
        ["A1", "O'Brien, Siân", "sian@example.org", *said(0)],
        ["'-7", "'=HYPERLINK(1)", "minus@example.org", *said(1)],
    ]


def test_each_message_can_be_written_by_itself(page: Page) -> None:
    choose(page)
    page.get_by_text("The messages, one by one").click()
    links = page.locator("#texts a")
    assert links.all_text_contents() == ["sian@example.org", "minus@example.org"]
    address = links.first.get_attribute("href") or ""
    assert address.startswith("mailto:sian%40example.org?subject=Your%20survey&body=Dear%20%22")
    page.get_by_text("The messages, one by one").click()


def test_the_column_of_codes_can_be_chosen(page: Page) -> None:
    choose(page, NAMES.replace("Payroll number", "Number").replace("Name,", "Code,").encode())
    assert joined(page) == "0 of 4 messages have a name."
    page.get_by_label("Which column has the staff code?").select_option("Number")
    assert joined(page) == "2 of 4 messages have a name."


def test_a_list_from_an_old_spreadsheet_program_reads_right(page: Page) -> None:
    choose(page, NAMES.replace(",", ";").replace('"O\'Brien; Siân"', "Siân").encode("cp1252"))
    assert saved(page)[1][1] == "Siân"


@pytest.mark.parametrize(
    ("pack", "names", "words"),
    [
        (b"a,b\r\n1,2\r\n", NAMES.encode(), "This is not a pack"),
        (None, b"PK\x03\x04rest", "save it as CSV"),
        (None, b"code,name\r\n", "no rows"),
    ],
)
def test_a_wrong_file_is_said(pack: bytes | None, names: bytes, words: str, page: Page) -> None:
    choose(page, names, pack)
    assert words in page.locator(".wrong").inner_text()
    assert joined(page) == "Choose both files first."
    assert not page.get_by_role("button", name="Save the joined list").is_visible()


def test_the_page_is_accessible(page: Page) -> None:
    choose(page)
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => { one.open = true })"
    )
    found = page.context.new_cdp_session(page)
    found.send("Runtime.evaluate", {"expression": AXE})
    result = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    assert [one["id"] for one in result["violations"]] == []
