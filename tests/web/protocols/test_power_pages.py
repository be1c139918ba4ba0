"""Power in the browser: as the file has it, as changed, and simulated."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from lighttouch.core.power.reporting import compute_power_report
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import actions
from lighttouch.web.protocols.models import Simulation
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import (
    edit,
    start_trial,
)
from tests.web.protocols.pages import FAULTY, OWN, SignIn, new_trial, page


def test_power_is_shown_as_the_file_has_it_and_as_changed(draft: Trial, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    own = page(client, f"{OWN}power/")
    assert "In the file" in own
    assert "As you changed it" not in own
    changed = page(client, f"{OWN}power/?clusters=40")
    assert "As you changed it" in changed
    assert "clusters = 40" in changed
    part = page(client, f"{OWN}power/result/?clusters=40")
    assert "<html" not in part
    assert "As you changed it" in part


def test_few_clusters_are_warned_of_where_nobody_can_miss_it(draft: Trial, sign_in: SignIn) -> None:
    shown = page(sign_in("researcher"), f"{OWN}power/result/?clusters=13")
    assert "govuk-warning-text pr-loud" in shown
    assert "FEW CLUSTERS: 13 clusters" in shown


def test_assumption_that_cannot_be_is_said_at_its_field(draft: Trial, sign_in: SignIn) -> None:
    shown = page(sign_in("researcher"), f"{OWN}power/?icc=2")
    assert 'id="fault_icc"' in shown
    assert "These assumptions give no answer" in shown


def test_power_of_a_file_with_faults_or_without_assumptions_says_what_to_do(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    actions.save_version(trial=draft, text=FAULTY, note="", after=1, by=cast["researcher"], now=NOW)
    client = sign_in("researcher")
    assert "The file has faults" in page(client, f"{OWN}power/")
    assert client.get(f"{OWN}power/result/").status_code == 204
    new_trial(client, start="nine_day")
    assert "makes no assumptions" in page(client, "/trials/nine_day/protocol/power/")
    assert client.get("/trials/nine_day/protocol/power/result/").status_code == 204


def simulate(client: Client, **changed: str) -> Any:
    form = {"version": "1", "entry": "0", "draws": "200", **changed}
    return client.post("/trials/coffee/protocol/power/simulate/", form)


@pytest.mark.django_db(transaction=True)
def test_design_is_simulated_once_for_each_question_with_the_numbers_of_the_command_line(
    cast: Cast, sign_in: SignIn
) -> None:
    start_trial(cast, library_text("coffee"))
    client = sign_in("researcher")
    answer = simulate(client, clusters="16", effect="5")
    assert resolve(answer.headers["Location"]).view_name == "jobs:progress"
    made = Simulation.objects.get()
    assert made.given == {"clusters": "16"}
    declared = parse_trial(edit(library_text("coffee"), ("clusters = 13", "clusters = 16")))
    same = compute_power_report(declared, draws=200, seed=1, workers=1).outcomes[0].simulated
    assert made.found is not None
    assert [one["power"] for one in made.found] == [one.power for one in same]
    again = simulate(client, clusters="16", effect="5.0")
    assert again.headers["Location"] == (
        "/trials/coffee/protocol/power/?entry=0&clusters=16#simulations"
    )
    assert Simulation.objects.count() == 1
    shown = page(client, "/trials/coffee/protocol/power/")
    assert "clusters = 16" in shown
    assert f"{same[0].power:.0%} ±" in shown


@pytest.mark.parametrize("changed", [{"draws": "1000000"}, {"entry": "4"}, {"icc": "7"}])
def test_what_cannot_be_simulated_is_refused(
    cast: Cast, sign_in: SignIn, changed: dict[str, str]
) -> None:
    start_trial(cast, library_text("coffee"))
    assert simulate(sign_in("researcher"), **changed).status_code == 422
    assert Simulation.objects.count() == 0
