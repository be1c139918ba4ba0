"""A form is acted on once, however often and however fast its button is pressed."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import IntegrityError, connections, transaction
from django.http import HttpRequest
from django.test import RequestFactory

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit import once
from lighttouch.web.audit.models import Receipt
from tests.web.cast import NOW, Cast


def press(token: str, path: str = "/sign-off/", user: User | None = None) -> HttpRequest:
    request = RequestFactory().post(path, {"once": token})
    request.user = user or AnonymousUser()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def counting(acts: list[str], address: str = "/done/") -> Callable[[], str]:
    def act() -> str:
        acts.append("acted")
        return address

    return act


@pytest.mark.django_db
def test_second_press_changes_nothing_and_goes_to_the_same_place() -> None:
    acts: list[str] = []
    token = once.token()
    first = once.guard(press(token), counting(acts, "/done/1/"), done="It is signed off.")
    again = press(token)
    second = once.guard(again, counting(acts, "/done/2/"), done="It is signed off.")
    assert (acts, first.url, second.url) == (["acted"], "/done/1/", "/done/1/")
    assert [str(message) for message in get_messages(again)] == [once.ALREADY]


@pytest.mark.django_db
def test_first_press_says_what_was_done() -> None:
    request = press(once.token())
    once.guard(request, counting([]), done="It is signed off.")
    assert [str(message) for message in get_messages(request)] == ["It is signed off."]


@pytest.mark.django_db
def test_form_whose_act_failed_may_be_sent_again() -> None:
    def fail() -> str:
        raise InputError("not yet")

    acts: list[str] = []
    token = once.token()
    with pytest.raises(InputError):
        once.guard(press(token), fail)
    once.guard(press(token), counting(acts))
    assert acts == ["acted"]


def test_token_spares_neither_another_form_nor_another_person(cast: Cast) -> None:
    acts: list[str] = []
    token = once.token()
    once.guard(press(token, "/a/", cast["coordinator"]), counting(acts))
    once.guard(press(token, "/b/", cast["coordinator"]), counting(acts))
    once.guard(press(token, "/a/", cast["stranger"]), counting(acts))
    assert len(acts) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "short", "a" * 44, "é" * 43, "a" * 42 + "\n"])
def test_form_without_a_whole_mark_is_refused(token: str) -> None:
    acts: list[str] = []
    with pytest.raises(InputError, match="Open the page again"):
        once.guard(press(token), counting(acts))
    assert acts == []


@pytest.mark.django_db
def test_neither_the_mark_nor_the_person_can_be_read_from_a_receipt() -> None:
    token = once.token()
    once.guard(press(token), counting([]))
    assert Receipt.objects.get().token != token


@pytest.mark.django_db
def test_old_receipts_are_forgotten_and_fresh_ones_kept() -> None:
    Receipt.objects.create(token="old", at=NOW - timedelta(days=31), address="/")
    Receipt.objects.create(token="new", at=NOW, address="/")
    assert once.forget(before=NOW - timedelta(days=30)) == 1
    assert [receipt.token for receipt in Receipt.objects.all()] == ["new"]


@pytest.mark.django_db
def test_database_refuses_a_second_receipt() -> None:
    Receipt.objects.create(token="x", at=NOW, address="/")
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(token="x", at=NOW, address="/")


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_the_same_moment_one_acts() -> None:
    acts: list[str] = []
    places: list[str] = []
    token = once.token()
    inside, ready = threading.Event(), threading.Barrier(2)

    def act() -> str:
        acts.append("acted")
        inside.wait(0.2)  # leave the other time to come to the same row
        return "/done/"

    def go() -> None:
        ready.wait(5)
        try:
            places.append(once.guard(press(token), act).url)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (acts, places) == (["acted"], ["/done/", "/done/"])
