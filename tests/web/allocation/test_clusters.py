"""Other shapes of trial: clusters, codes as odd as returns let through, and nothing drawn."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from lighttouch.core.archive.allocating import verify_allocation
from lighttouch.core.errors import AllocationError
from lighttouch.core.protocol.library import library_text
from lighttouch.web.allocation import actions
from lighttouch.web.allocation.convert import write_allocated_study
from lighttouch.web.allocation.describing import describe_draw
from lighttouch.web.allocation.models import Allocation, Assignment, Delivering
from lighttouch.web.enrolment.actions import freeze
from lighttouch.web.enrolment.models import Participant, Roster
from lighttouch.web.enrolment.queries import find_participants, flow
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.storage.queries import read_bytes
from tests.web.cast import NOW, Cast, make_cast
from tests.web.enrolment.test_pages import enter
from tests.web.studies import baseline_files, register, send_back, simulated

LATER = NOW + timedelta(days=1)
ODD = ["ψ-77", "Ä 1 #x", "9" * 60, "a'b", "Ünï(2)", "S/1&2"]


def other_trial(name: str) -> tuple[Cast, Path]:
    """Register another trial of the library, with every baseline return signed off."""
    study = simulated(library_text(name))
    cast = make_cast()
    trial = protocols.create_trial(
        programme=cast.programme, text=library_text(name), by=cast["researcher"], now=NOW
    )
    cast = replace(cast, trial=trial)
    secret = bytes.fromhex((study / "secret.key").read_text().strip())
    register(cast, library_text(name), secret=secret)
    for path in baseline_files(study):
        send_back(cast, path)
    return cast, study


def draw(cast: Cast) -> Allocation:
    """Freeze the roster and draw."""
    freeze(trial=cast.trial, by=cast["trial_manager"], now=LATER)
    proposal = actions.propose(trial=cast.trial, by=cast["second"], now=LATER)
    actions.confirm(proposal=proposal, by=cast["randomiser"], now=LATER)
    return actions.draw(proposal=proposal, now=LATER)


@pytest.mark.django_db
def test_clusters_are_drawn_whole_as_the_core_draws_them(client: Client) -> None:
    cast, study = other_trial("coffee")
    drawn = draw(cast)
    assert read_bytes(drawn.table) == (study / "allocation.csv").read_bytes()
    arms: dict[str, set[str]] = {}
    for row in Assignment.objects.select_related("participant__partner"):
        person = row.participant
        assert row.unit == f"{person.partner.code}/{person.building}"
        arms.setdefault(row.unit, set()).add(row.arm)
    assert all(len(got) == 1 for got in arms.values())
    units = Counter(next(iter(got)) for got in arms.values())
    told = flow(cast.trial)
    assert {arm.arm: arm.units for arm in told.arms} == dict(units)
    said = describe_draw(cast.trial, Roster.objects.get())
    assert said.sentences[0].startswith(f"{len(arms)} buildings are allocated whole, with ")
    enter(client, cast, "trial_manager")
    for name in ("allocation:page", "allocation:balance", "enrolment:flow"):
        assert client.get(reverse(name, args=["coffee"])).status_code == 200


def odd_codes(path: Path, folder: Path) -> Path:
    """A return whose first people have other codes."""
    text = path.read_text(encoding="utf-8-sig")
    start = text.lower().index("unique staff id")
    head = text[:start].rsplit("\n", 1)[0]
    table = list(csv.reader(io.StringIO(text[len(head) + 1 :] if head else text)))
    at = [cell.strip().lower() for cell in table[0]].index("unique staff id")
    for row, code in zip(table[1:], ODD, strict=False):
        row[at] = code
    out = io.StringIO()
    csv.writer(out).writerows(table)
    made = folder / path.parent.name / path.name
    made.parent.mkdir()
    made.write_text(f"{head}\n{out.getvalue()}" if head else out.getvalue(), encoding="utf-8")
    return made


@pytest.mark.django_db
def test_odd_codes_go_through_from_return_to_replay(tmp_path: Path) -> None:
    cast = make_cast()
    register(cast)
    for path in baseline_files(simulated()):
        send_back(cast, odd_codes(path, tmp_path) if path.suffix == ".csv" else path)
    draw(cast)
    partner = cast.programme.partners.get(code="bracknell_forest")
    assert set(find_participants(cast.trial, partner, ODD)) == set(ODD)
    study = tmp_path / "study"
    study.mkdir()
    write_allocated_study(cast.trial, study)
    assert verify_allocation(study).confirmed


def test_code_that_a_spreadsheet_would_run_is_only_text_in_the_file(
    cast: Cast, client: Client
) -> None:
    # Returns refuse such codes; should one get here all the same, the file must not run it.
    odd = Participant.objects.create(
        trial=cast.trial, partner=cast.dudley, staff_id='=HYPERLINK("x")'
    )
    Assignment.objects.create(
        allocation=Allocation.objects.get(), participant=odd, unit="u", arm="letter"
    )
    Delivering.objects.filter(participation__partner=cast.dudley).update(by_partner=True)
    enter(client, cast, "coordinator")
    url = reverse("allocation:partner-csv", args=["letters", "dudley"])
    rows = list(csv.reader(io.StringIO(client.get(url).content.decode("utf-8-sig"))))
    assert '\'=HYPERLINK("x")' in [row[0] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


@pytest.mark.django_db
def test_trial_with_one_arm_is_enrolled_and_locked_and_nothing_is_drawn(client: Client) -> None:
    cast, _ = other_trial("nine_day")
    roster = freeze(trial=cast.trial, by=cast["trial_manager"], now=LATER)
    assert roster.randomisable > 0
    with pytest.raises(AllocationError, match="nothing is drawn here"):
        actions.propose(trial=cast.trial, by=cast["trial_manager"], now=LATER)
    enter(client, cast, "trial_manager")
    page = client.get(reverse("allocation:page", args=["nine_day"])).content.decode()
    assert "Nothing is drawn in this trial" in page
    actions.lock(trial=cast.trial, reason="It is over.", by=cast["trial_manager"], now=LATER)
    page = client.get(reverse("allocation:unblind", args=["nine_day"])).content.decode()
    assert "Propose to open the arms" in page
