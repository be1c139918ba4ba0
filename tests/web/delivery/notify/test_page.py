"""The coordinator sets the partner's service up, and the key is never shown again."""

import pytest

from lighttouch.core.errors import InputError
from lighttouch.web.audit import once
from lighttouch.web.delivery.transports.notify.actions import set_service
from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.sealing import open_key, receipt_token
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.delivery.cases import seal
from tests.web.delivery.notify import server

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
PAGE = "/trials/letters/partners/dudley/notify/"


def filled(**changes: str) -> dict[str, str]:
    """The form as a coordinator fills it in."""
    return {
        "once": once.token(),
        "key": server.KEY,
        "email_template": server.EMAIL_TEMPLATE,
        "text_template": "",
        **changes,
    }


def test_the_key_goes_in_and_never_comes_out(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in("coordinator")
    assert "Receipts" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, filled()).status_code == 302
    service = NotifyService.objects.get(partner=cast.dudley)
    assert open_key(service) == server.KEY
    shown = client.get(PAGE).content.decode()
    assert server.SECRET not in shown
    assert f"/receipts/notify/{service.code}/" in shown
    assert receipt_token(service) in shown


def test_the_page_of_names_and_addresses_leads_here(sign_in: SignIn, cast: Cast) -> None:
    seal(cast, cast.dudley, cast["coordinator"])
    shown = sign_in("coordinator").get("/trials/letters/partners/dudley/contacts/")
    assert f'href="{PAGE}"' in shown.content.decode()


def test_templates_change_without_the_key_and_the_receipts_still_come(
    sign_in: SignIn, service: NotifyService
) -> None:
    answer = sign_in("coordinator").post(PAGE, filled(key="", text_template=server.TEXT_TEMPLATE))
    assert answer.status_code == 302
    changed = NotifyService.objects.get(pk=service.pk)
    assert open_key(changed) == server.KEY
    assert receipt_token(changed) == receipt_token(service)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "secret"}, "not a key of GOV.UK Notify"),
        ({"key": ""}, "Copy the key"),
        ({"email_template": "9d751e0e"}, "not a template"),
        ({"email_template": ""}, "without a template"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(
    changes: dict[str, str], words: str, sign_in: SignIn
) -> None:
    answer = sign_in("coordinator").post(PAGE, filled(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not NotifyService.objects.exists()


def test_it_is_removed_after_asking(sign_in: SignIn, service: NotifyService) -> None:
    client = sign_in("coordinator")
    assert "Delete it at GOV.UK Notify too" in client.get(f"{PAGE}remove/").content.decode()
    assert NotifyService.objects.exists()
    assert client.post(f"{PAGE}remove/").status_code == 302
    assert not NotifyService.objects.exists()


def test_the_action_refuses_a_service_that_sends_nothing(cast: Cast) -> None:
    with pytest.raises(InputError, match="without a template"):
        set_service(partner=cast.dudley, key=server.KEY, by=cast["coordinator"], now=NOW)
