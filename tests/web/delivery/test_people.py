"""One participant's messages, by staff code, for those who run the sending and nobody else."""

import pytest

from lighttouch.web.delivery.composing import MASK
from lighttouch.web.delivery.models import Delivery, State
from lighttouch.web.delivery.sending import send_due
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.delivery.cases import keep_first, ready
from tests.web.delivery.conftest import Told
from tests.web.delivery.test_sending import day_one

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
PEOPLE = "/trials/letters/delivery/people/"


@pytest.fixture
def sent(cast: Cast, told: Told) -> Delivery:
    """One of Dudley's people was sent the invitation; both reminders are to come."""
    ready(cast)
    [first] = keep_first(cast, 1)
    Delivery.objects.filter(participant=first.participant).exclude(pk=first.pk).update(
        state=State.PLANNED
    )
    send_due(day_one(cast), transports=told)
    return first


def test_somebody_is_found_by_code_which_stands_in_no_address(
    sent: Delivery, sign_in: SignIn
) -> None:
    client, code = sign_in("trial_manager"), sent.participant.staff_id
    given = {"partner": "dudley", "code": f" {code} "}
    address = client.post(PEOPLE, given)["Location"]
    assert address == f"{PEOPLE}{sent.participant_id}/"
    shown = client.get(address).content.decode()
    assert code in shown
    assert shown.count("What it will say<") == 2, "the reminders, and not what was sent"
    assert shown.count(MASK) == 4, "the private link and the way out of each"
    assert "/s/" not in shown
    assert "being handed over (told)" in shown
    mailing = client.get(f"/trials/letters/delivery/mailings/{sent.mailing_id}/")
    assert address in mailing.content.decode()


def test_a_code_that_nobody_has_is_said(sent: Delivery, sign_in: SignIn) -> None:
    given = {"partner": "dudley", "code": "NOBODY"}
    answer = sign_in("trial_manager").post(PEOPLE, given)
    assert answer.status_code == 422
    assert "Nobody who takes part there has this code" in answer.content.decode()


@pytest.mark.parametrize("key", ["coordinator", "researcher", "team_manager"])
def test_nobody_else_sees_what_became_of_one_persons_messages(
    key: str, sent: Delivery, sign_in: SignIn
) -> None:
    address = f"{PEOPLE}{sent.participant_id}/"
    assert sign_in(key).get(address).status_code in (403, 404)
