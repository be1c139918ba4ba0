"""The coordinator's and the trial manager's pages."""

import io

import openpyxl
import pytest

from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns import queries
from lighttouch.web.returns.models import Return, Version
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.returns import cases, files
from tests.web.returns.pages import at, press, text, upload


@pytest.fixture
def browser(asked: Cast, sign_in: SignIn) -> object:
    """The coordinator's browser."""
    return sign_in("coordinator")


def test_page_says_what_is_asked_and_when_it_is_due(asked: Cast, sign_in: SignIn) -> None:
    page = text(sign_in("coordinator").get(at("return")))
    assert "Staff return: Baseline" in page
    assert "Monday 16 March 2026" in page
    assert "Friday 6 March 2025" not in page
    assert "Thursday 6 March 2025 to Thursday 5 March 2026" in page
    assert "Download the template" in page


def test_template_is_the_one_of_the_partner_and_wave(asked: Cast, sign_in: SignIn) -> None:
    answer = sign_in("coordinator").get(at("template"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [str(cell.value) for row in book["Return"].iter_rows() for cell in row]
    assert "Dudley" in cells
    assert 'attachment; filename="letters-dudley-baseline.xlsx"' in answer["Content-Disposition"]


def test_faulty_file_shows_its_findings_in_place(asked: Cast, sign_in: SignIn) -> None:
    page = text(upload(sign_in("coordinator"), cases.faulty_file()))
    assert "1 thing to put right" in page
    assert "More days of illness than of absence in all." in page
    assert "Column E (Illness absence (days))" in page
    assert "Row 6" in page
    assert "All absence includes illness and holiday; correct one of the two." in page


def test_purged_file_says_where_the_name_was_and_not_what(asked: Cast, sign_in: SignIn) -> None:
    answer = upload(sign_in("coordinator"), cases.file_with_name(), name=f"{cases.PLANTED}.xlsx")
    page = text(answer)
    assert "This file was deleted: it held personal details" in page
    assert "Row 7" in page
    assert cases.PLANTED.split()[1] not in answer.content.decode()


def test_return_goes_from_upload_to_signature(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    assert "3 things to look at" in text(upload(browser))
    words = {f"kind_{n}": "As held by us." for n in range(3)}
    page = text(press(browser, "explain", number=1, **words))
    assert "Check before you sign off" in page
    assert "152" in page
    assert "As held by us." in page
    done = text(press(browser, "sign-off", number=1))
    assert "is signed off. Thank you." in done
    assert "Signed off by Coordinator" in done
    assert Return.objects.get(partner=asked.dudley, wave="baseline").accepted is not None


def test_explanation_with_a_name_is_shown_again_with_its_fault(
    asked: Cast, sign_in: SignIn
) -> None:
    browser = sign_in("coordinator")
    upload(browser)
    answer = press(
        browser, "explain", number=1, kind_0="Ask Sarah Jones.", kind_1="ok", kind_2="ok"
    )
    assert "This looks like it holds the name of a person." in text(answer)
    assert "Ask Sarah Jones." in answer.content.decode()
    assert not Version.objects.get().explanations.exists()


def test_file_form_without_a_file_says_what_to_do(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    answer = browser.post(at("send"), {"after": 0, "once": once.token()})
    assert "Choose the file to send" in text(answer)
    assert b"<title>Error: " in answer.content


def test_signing_an_older_version_answers_409(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    upload(browser, cases.clean_file())
    upload(browser, cases.clean_file(), after=1)
    answer = press(browser, "sign-off", number=1)
    assert answer.status_code == 409
    assert "See the current version" in text(answer)
    assert Return.objects.get(partner=asked.dudley, wave="baseline").accepted is None


def test_explaining_an_older_version_answers_409_and_keeps_the_words(
    asked: Cast, sign_in: SignIn
) -> None:
    browser = sign_in("coordinator")
    upload(browser)
    upload(browser, cases.faulty_file(), after=1)
    words = {f"kind_{n}": "On long leave." for n in range(3)}
    answer = press(browser, "explain", number=1, **words)
    assert answer.status_code == 409
    assert "On long leave." in text(answer)


def test_manager_sees_counts_and_neither_places_nor_codes(asked: Cast, sign_in: SignIn) -> None:
    cases.signed_off(asked)
    cases.send(asked, cases.good_file(wave="endline"), wave="endline", now=cases.ENDLINE_NOW)
    address = at("version", number=1).replace("/baseline/", "/endline/")
    theirs = text(sign_in("trial_manager").get(address))
    assert "taff codes of an earlier return are not in this one" in theirs
    codes = [code for code in _vanished(asked) if code in theirs]
    assert codes == []
    assert any(code in text(sign_in("coordinator").get(address)) for code in _vanished(asked))


def _vanished(cast: Cast) -> list[str]:
    version = Version.objects.get(for_return__wave="endline")
    found = queries.difference_from_earlier(version)
    assert found is not None
    return [code for code in found[1].left if f"code {code} of" in str(version.findings)]


def test_changes_since_the_last_wave_are_listed_by_code(asked: Cast, sign_in: SignIn) -> None:
    cases.signed_off(asked)
    version = cases.send(
        asked, cases.good_file(wave="endline"), wave="endline", now=cases.ENDLINE_NOW
    )
    found = queries.difference_from_earlier(version)
    assert found is not None
    browser = sign_in("coordinator")
    page = text(browser.get(at("changes", number=1).replace("/baseline/", "/endline/")))
    assert f"Left: {found[1].left_count}" in page
    assert found[1].left[0] in page


def test_file_checked_too_early_is_checked_again_at_a_press(asked: Cast, sign_in: SignIn) -> None:
    version = cases.send(
        asked, cases.good_file(wave="endline"), wave="endline", now=cases.ENDLINE_NOW
    )
    cases.signed_off(asked)
    cases.explain_all(asked, version)
    browser = sign_in("coordinator")
    page = browser.get(at("sign-off", number=1).replace("/baseline/", "/endline/"))
    assert "Check this file again" in text(page)
    again = at("check-again", number=1).replace("/baseline/", "/endline/")
    browser.post(again, {"once": once.token()})
    newest = Version.objects.filter(for_return__wave="endline").last()
    assert newest is not None
    assert newest.number == 2
    assert newest.counts["since"]["wave"] == "baseline"


def test_trial_manager_opens_a_return_again(asked: Cast, sign_in: SignIn) -> None:
    cases.signed_off(asked)
    manager = sign_in("trial_manager")
    assert "Open it again" in text(manager.get(at("return")))
    assert "Say why the return is opened again" in text(press(manager, "reopen", reason=" "))
    page = text(press(manager, "reopen", reason="Two teams are missing."))
    assert "The return is open again." in page
    assert Return.objects.get(partner=asked.dudley, wave="baseline").accepted is None


def test_frozen_baseline_offers_no_opening(asked: Cast, sign_in: SignIn) -> None:
    cases.signed_off(asked)
    asked.trial.stage = Stage.ENROLLED
    asked.trial.save()
    manager = sign_in("trial_manager")
    assert "It cannot be opened again: the roster was frozen from it." in text(
        manager.get(at("return"))
    )
    press(manager, "reopen", reason="Two teams are missing.")
    assert Return.objects.get(partner=asked.dudley, wave="baseline").accepted is not None


def test_marked_workbook_carries_the_findings(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    upload(browser, cases.faulty_file())
    answer = browser.get(at("marked", number=1))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[0] == "Findings"
    cell = cases.find_cell(book["Return"], cases.ILLNESS, below=2)
    assert "More days of illness" in cell.comment.text


def test_marked_workbook_put_right_passes(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    upload(browser, cases.faulty_file())
    book = openpyxl.load_workbook(io.BytesIO(browser.get(at("marked", number=1)).content))
    cases.find_cell(book["Return"], cases.ILLNESS, below=2).value = 22
    out = io.BytesIO()
    book.save(out)
    assert "things to look at" in text(upload(browser, out.getvalue(), after=1))


def test_large_file_is_marked_in_the_background(
    asked: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighttouch.web.returns.marking.QUICK", 1000)
    browser = sign_in("coordinator")
    page = upload(browser, cases.faulty_file())
    assert "Mark every place in your file" in text(page)
    assert browser.get(at("marked", number=1)).status_code == 302
    press(browser, "marked", number=1)
    book = openpyxl.load_workbook(io.BytesIO(browser.get(at("marked", number=1)).content))
    assert book.sheetnames[0] == "Findings"


def test_purged_version_has_no_marked_workbook(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    upload(browser, cases.file_with_name())
    assert browser.get(at("marked", number=1)).status_code == 404
    assert "Row" in browser.get(at("findings", number=1)).content.decode()


def test_grid_shows_every_partner_at_every_wave(asked: Cast, sign_in: SignIn) -> None:
    cases.signed_off(asked)
    cases.send(asked, cases.faulty_file(), wave="baseline", partner=asked.shropshire)
    answer = sign_in("trial_manager").get("/trials/letters/returns/")
    page = text(answer)
    for words in ("Dudley", "Shropshire", "Bracknell Forest", "Signed off", "Sent back", "Late"):
        assert words in page
    assert at("return") in answer.content.decode()
    assert "<svg" not in text(sign_in("trial_manager").get("/trials/letters/returns/live/"))


def test_grid_before_registration_says_what_comes_first(cast: Cast, sign_in: SignIn) -> None:
    page = text(sign_in("trial_manager").get("/trials/letters/returns/"))
    assert "once the protocol is registered" in page


def test_trial_manager_asks_for_returns_without_waiting(asked: Cast, sign_in: SignIn) -> None:
    Return.objects.all().delete()
    manager, address = sign_in("trial_manager"), "/trials/letters/returns/"
    assert "Ask for them now" in text(manager.get(address))
    assert "Ask for them now" not in text(sign_in("researcher").get(address))
    page = text(manager.post(f"{address}ask/", {"once": once.token()}, follow=True))
    assert "The partners are asked for their returns." in page
    assert Return.objects.count() == 6


def test_grid_as_a_table_guards_every_cell(asked: Cast, sign_in: SignIn) -> None:
    asked.dudley.name = "=HYPERLINK(1)"
    asked.dudley.save()
    table = sign_in("trial_manager").get("/trials/letters/returns/grid.csv").content.decode()
    assert "'=HYPERLINK(1)" in table
    assert "\n=" not in table


def test_number_of_queries_of_the_grid_does_not_grow(
    asked: Cast, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            queries.collection_grid(asked.trial, NOW)
        return len(caught)

    before = count()
    cases.signed_off(asked)
    cases.send(asked, cases.faulty_file(), partner=asked.shropshire)
    assert count() == before


@pytest.mark.parametrize("name", ["send", "check-again"])
def test_pages_that_act_take_no_get(asked: Cast, sign_in: SignIn, name: str) -> None:
    cases.send(asked)
    where = {"number": 1} if name == "check-again" else {}
    assert sign_in("coordinator").get(at(name, **where)).status_code == 405


def test_workbook_with_macros_names_the_mend(asked: Cast, sign_in: SignIn) -> None:
    page = text(upload(sign_in("coordinator"), files.with_macros()))
    assert "The workbook has macros, which are never opened here." in page
    assert "Excel Workbook (.xlsx)" in page
