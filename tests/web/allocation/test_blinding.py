"""Until unblinding, nobody who must stay blind finds an arm beside a person, anywhere."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from lighttouch.web.allocation import actions
from lighttouch.web.allocation.models import Allocation
from lighttouch.web.allocation.unblinding import confirm_unblinding, lock, propose_unblinding
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.jobs.models import Job
from lighttouch.web.programmes.models import Partner
from lighttouch.web.storage.queries import read_bytes
from tests.web.access.walking import Address, every_address, unlogged
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.enrolment.cases import LATER, somebody, tell, told

BLIND = ["researcher", "coordinator", "stranger", "team_manager", "randomiser", "administrator"]
ARM = re.compile(r"waitlist|data-label=\"arm\"", re.IGNORECASE)
WORD = re.compile(r"[\w-]+")


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """The drawn trial, with something recorded and somebody's look in the log."""
    tell(cast, told(somebody(cast)))
    actions.note_look(trial=cast.trial, what="list", people=50, by=cast["trial_manager"], now=LATER)
    actions.replay(allocation=Allocation.objects.get(), by=cast["trial_manager"], now=LATER)
    return cast


def bodies(client: Client) -> Iterator[tuple[str, str]]:
    """Ask for every address there is, at both partners; give the name and what came back."""
    jobs: list[dict[str, object]] = [
        {"job": number} for number in Job.objects.values_list("uuid", flat=True)
    ]
    for address in every_address():
        for given in _arguments(address, jobs):
            with unlogged(), transaction.atomic():
                answer = client.get(address.url(given), follow=True)
                transaction.set_rollback(True)
            if answer.status_code == 200:
                content = b"".join(answer) if answer.streaming else answer.content
                yield address.name, content.decode("utf-8", errors="replace")


def _arguments(address: Address, jobs: list[dict[str, object]]) -> list[dict[str, object]]:
    if "job" in address.converters and jobs:
        return jobs
    if "partner" in address.converters:
        waves = ("baseline", "endline") if "wave" in address.converters else ("baseline",)
        return [
            {"partner": code, "wave": wave, "what": "left"}
            for code in ("dudley", "shropshire")
            for wave in waves
        ]
    return [{}]


def gives_away(body: str, codes: set[str]) -> bool:
    """Whether a page names a person of the trial and an arm."""
    return bool(ARM.search(body)) and not codes.isdisjoint(WORD.findall(body))


@pytest.mark.django_db(databases=["default", "contacts"])
@pytest.mark.parametrize("key", BLIND)
def test_nobody_blind_finds_an_arm_beside_a_person(busy: Cast, sign_in: SignIn, key: str) -> None:
    codes = set(Participant.objects.values_list("staff_id", flat=True))
    drawn = Allocation.objects.select_related("record", "table").get()
    secret = re.findall(r'secret = "(\w+)"', read_bytes(drawn.record).decode())[0]
    seen = list(bodies(sign_in(key)))
    assert [name for name, body in seen if gives_away(body, codes)] == []
    assert [name for name, body in seen if secret in body] == []


@pytest.mark.django_db(databases=["default", "contacts"])
def test_walk_would_find_an_arm_beside_a_person(busy: Cast, sign_in: SignIn) -> None:
    codes = set(Participant.objects.values_list("staff_id", flat=True))
    found = {name for name, body in bodies(sign_in("trial_manager")) if gives_away(body, codes)}
    assert {"allocation:arms", "allocation:partner"} <= found


@pytest.mark.django_db(databases=["default", "contacts"])
def test_coordinator_of_a_partner_that_delivers_finds_its_own_people_only(
    busy: Cast, sign_in: SignIn
) -> None:
    actions.decide_delivering(
        trial=busy.trial, partner=busy.dudley, by_partner=True, by=busy["second"], now=LATER
    )
    codes = {
        partner.code: set(
            Participant.objects.filter(partner=partner).values_list("staff_id", flat=True)
        )
        for partner in Partner.objects.filter(participations__trial=busy.trial)
    }
    own = codes.pop("dudley")
    others = set().union(*codes.values()) - own
    seen = list(bodies(sign_in("coordinator")))
    assert "allocation:partner" in {name for name, body in seen if gives_away(body, own)}
    assert [name for name, body in seen if gives_away(body, others)] == []


def test_researcher_finds_arms_after_unblinding(busy: Cast, sign_in: SignIn) -> None:
    lock(trial=busy.trial, reason="All is in.", by=busy["trial_manager"], now=LATER)
    proposal = propose_unblinding(
        trial=busy.trial, reason="It is registered.", by=busy["trial_manager"], now=LATER
    )
    confirm_unblinding(unblinding=proposal, by=busy["second"], now=LATER)
    codes = set(Participant.objects.values_list("staff_id", flat=True))
    answer = sign_in("researcher").get("/trials/letters/allocation/arms/")
    assert gives_away(answer.content.decode(), codes)
