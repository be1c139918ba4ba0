"""Days on which everything goes wrong at once."""

import errno
import os
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import resolve

from lighttouch.web.accounts.models import Role
from lighttouch.web.audit import once
from lighttouch.web.audit.models import Event
from lighttouch.web.notices.models import Notice
from lighttouch.web.returns.models import Return, State, Version
from lighttouch.web.returns.uploads import is_full
from lighttouch.web.storage.models import StoredFile
from tests.web.cast import Cast, add_person
from tests.web.conftest import SignIn
from tests.web.returns import cases, stored
from tests.web.returns.pages import at, press, text, upload
from tests.web.together import at_once

TOGETHER = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.django_db(databases=["default", "contacts"])


@TOGETHER
def test_files_of_two_coordinators_at_once_are_both_kept_and_both_are_told(
    asked: Cast, sign_in: SignIn
) -> None:
    add_person(asked, Role.COORDINATOR, "colleague", asked.dudley)
    one, two = sign_in("coordinator"), sign_in("colleague")
    answers = at_once(
        lambda: upload(one, cases.clean_file()), lambda: upload(two, cases.faulty_file())
    )
    first, second = Version.objects.order_by("number")
    assert (first.number, second.number) == (1, 2)
    told = [a for a in answers if "is now the current one" in text(a)]
    assert len(told) == 1
    assert "yours is version 2" in text(told[0])
    notice = Notice.objects.get(kind="return.another_version")
    assert notice.to == first.uploaded_by


@TOGETHER
def test_two_presses_of_one_button_make_one_version(asked: Cast, sign_in: SignIn) -> None:
    browsers = [sign_in("coordinator"), sign_in("coordinator")]
    token = once.token()
    answers = at_once(*(lambda b=b: upload(b, token=token) for b in browsers))
    assert Version.objects.count() == 1
    assert {a.request["PATH_INFO"] for a in answers} == {at("version", number=1)}


@TOGETHER
def test_two_signatures_at_once_make_one_event(asked: Cast, sign_in: SignIn) -> None:
    add_person(asked, Role.COORDINATOR, "colleague", asked.dudley)
    cases.send(asked, cases.clean_file())
    one, two = sign_in("coordinator"), sign_in("colleague")
    answers = at_once(
        lambda: press(one, "sign-off", number=1), lambda: press(two, "sign-off", number=1)
    )
    assert sorted(a.status_code for a in answers) == [200, 422]
    assert Event.objects.filter(act="return.signed_off").count() == 1


def test_form_sent_again_after_going_back_makes_no_second_version(
    asked: Cast, sign_in: SignIn
) -> None:
    browser, token = sign_in("coordinator"), once.token()
    upload(browser, token=token)
    again = upload(browser, token=token)
    assert Version.objects.count() == 1
    assert "This was done the first time you pressed the button." in text(again)


def test_file_sent_from_an_old_page_is_kept_and_its_sender_told(
    asked: Cast, sign_in: SignIn
) -> None:
    browser = sign_in("coordinator")
    upload(browser)
    page = text(upload(browser, cases.clean_file(), after=0))
    assert "Version 1 was sent while this page was open" in page
    assert "Nothing to put right" in page


class Pouring:
    """The body of a form with a file so large that it is made as it is read."""

    def __init__(self, size: int) -> None:
        self.head = (
            b'--xx\r\nContent-Disposition: form-data; name="once"\r\n\r\n'
            + once.token().encode()
            + b'\r\n--xx\r\nContent-Disposition: form-data; name="file"; '
            b'filename="r.xlsx"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        self.tail = b"\r\n--xx--\r\n"
        self.left = size
        self.length = len(self.head) + size + len(self.tail)
        self.read_so_far = 0

    def read(self, wanted: int = -1) -> bytes:
        if self.head:
            piece, self.head = self.head, b""
        elif self.left:
            size = min(self.left, wanted if wanted > 0 else 65536)
            piece, self.left = b"\0" * size, self.left - size
        else:
            piece, self.tail = self.tail, b""
        self.read_so_far += len(piece)
        return piece

    readline = read


def pour(browser: Client, megabytes: int) -> tuple[Any, Pouring]:
    """Send a form with a file of so many megabytes."""
    body = Pouring(megabytes * 2**20)
    answer = browser.request(
        REQUEST_METHOD="POST",
        PATH_INFO=at("send"),
        CONTENT_TYPE="multipart/form-data; boundary=xx",
        CONTENT_LENGTH=body.length,
        **{"wsgi.input": body},
    )
    return answer, body


def test_file_of_200_megabytes_ends_in_a_page_and_nothing_is_kept(
    asked: Cast, sign_in: SignIn
) -> None:
    files = StoredFile.objects.count()
    answer, body = pour(sign_in("coordinator"), 200)
    assert answer.status_code == 413
    assert "That file is too large" in text(answer)
    assert body.read_so_far == body.length  # a browser listens only once all was sent
    assert (Version.objects.count(), StoredFile.objects.count()) == (0, files)


def test_file_of_two_gigabytes_is_not_even_read(asked: Cast, sign_in: SignIn) -> None:
    answer, body = pour(sign_in("coordinator"), 2000)
    assert answer.status_code == 413
    assert body.read_so_far == 0


def test_nothing_is_read_from_somebody_who_may_not_send(asked: Cast, sign_in: SignIn) -> None:
    answer, body = pour(sign_in("stranger"), 200)
    assert (answer.status_code, body.read_so_far) == (403, 0)


def test_forged_upload_is_refused(asked: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(asked["coordinator"], backend="django.contrib.auth.backends.ModelBackend")
    assert upload(browser).status_code == 403
    assert Version.objects.count() == 0


def test_full_disk_under_the_temporary_folder_says_that_nothing_is_lost(
    asked: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("lighttouch.web.returns.resting.tempfile.mkdtemp", refuse)
    answer = upload(sign_in("coordinator"))
    assert answer.status_code == 507
    assert "There is no room left on the server" in text(answer)
    assert Version.objects.count() == 0


@TOGETHER
def test_full_disk_under_the_database_keeps_what_was_there(asked: Cast, sign_in: SignIn) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite can be told how large its file may grow")
    browser = sign_in("coordinator")
    upload(browser)
    large = cases.edited(cases.good_file(), _pad)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # room that earlier tests left in the file would be used first
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
        try:
            answer = upload(browser, large, after=1)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert answer.status_code == 507
    assert [v.number for v in Version.objects.all()] == [1]
    assert "3 things to look at" in text(browser.get(at("version", number=1)))
    assert "Nothing to put right" in text(upload(browser, cases.clean_file(), after=1))


def _pad(sheet: Any) -> None:
    """Add two thousand people, so that the file outgrows the room there is."""
    first = cases.find_cell(sheet, cases.STAFF)
    row = [cell.value for cell in sheet[first.row]]
    for number in range(2000):
        row[first.column - 1] = f"X{number:05d}"
        sheet.append(row)


def test_full_disk_is_known_on_postgresql_too() -> None:
    from psycopg.errors import DiskFull, SerializationFailure

    def wrapped(cause: Exception) -> OperationalError:
        error = OperationalError("could not extend file")
        error.__cause__ = cause
        return error

    assert is_full(wrapped(DiskFull()))
    assert not is_full(wrapped(SerializationFailure()))
    assert not is_full(OSError(errno.EACCES, ""))


@BOTH
def test_large_file_with_a_name_is_checked_in_the_background_and_purged(
    asked: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighttouch.web.returns.views.sending.AT_ONCE", 1000)
    browser = sign_in("coordinator")
    upload(browser, cases.file_with_name(), name=f"{cases.PLANTED}.xlsx")
    version = Version.objects.get()
    assert (version.state, version.sealed, version.original) == (State.PURGED, None, None)
    assert not stored.holds(cases.PLANTED.split()[1])
    assert "Row 7" in text(browser.get(at("version", number=1)))


def test_large_file_is_checked_in_the_background(
    asked: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighttouch.web.returns.views.sending.AT_ONCE", 1000)
    answer = upload(sign_in("coordinator"), cases.clean_file(), follow=False)
    assert resolve(answer["Location"]).view_name == "jobs:progress"
    version = Version.objects.get()
    assert (version.state, version.people, version.filename_suffix) == (State.CLEAN, 152, ".xlsx")


def test_sheet_named_like_a_formula_is_harmless_in_the_list(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    upload(browser, cases.edited(cases.faulty_file(), _name_like_a_formula))
    table = browser.get(at("findings", number=1)).content.decode()
    assert ",'=1+1," in table
    assert ",=1+1," not in table


def _name_like_a_formula(sheet: Any) -> None:
    sheet.title = "=1+1"


def test_return_signed_off_meanwhile_takes_no_file(asked: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    cases.signed_off(asked)
    answer = upload(browser, after=1)
    assert answer.status_code == 422
    assert "the return is signed off" in text(answer)
    assert Return.objects.get(partner=asked.dudley, wave="baseline").versions.count() == 1


def test_page_of_a_wave_that_is_not_there_is_not_found(asked: Cast, sign_in: SignIn) -> None:
    address = at("return").replace("baseline", "midline")
    assert sign_in("coordinator").get(address).status_code == 404


def test_upload_never_reaches_a_disk(
    asked: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    monkeypatch.setattr(
        "django.core.files.uploadedfile.TemporaryUploadedFile.__init__",
        lambda *_, **__: written.append(b""),
    )
    big = BytesIO(cases.clean_file() + bytes(4 * 2**20)).getvalue()
    upload(sign_in("coordinator"), big)
    assert written == []
