"""The draw: proposed by one person, confirmed by another, made once, by the core."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, models, transaction
from typer.testing import CliRunner

from lighttouch.cli.main import app
from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.happenings import ERASE
from lighttouch.core.archive.records import read_record
from lighttouch.core.errors import AllocationError, ArchiveError, InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.allocation import actions
from lighttouch.web.allocation.convert import write_allocated_study
from lighttouch.web.allocation.models import Allocation, Assignment, Delivering, Proposal, Replay
from lighttouch.web.audit.models import Event
from lighttouch.web.enrolment.actions import freeze
from lighttouch.web.enrolment.models import ArmCount, Participant, Roster
from lighttouch.web.enrolment.models import Event as What
from lighttouch.web.enrolment.queries import flow
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Stage
from lighttouch.web.protocols.models import Registration
from lighttouch.web.protocols.queries import declared, text_in_force
from lighttouch.web.storage.queries import read_bytes
from tests.web.cast import Cast
from tests.web.enrolment.cases import LATER, LOSE_BRACKNELL, amend, somebody, tell, told
from tests.web.studies import DRAWN_AT, PROPOSED_AT, find_cast, simulated, world
from tests.web.together import at_once, errors


def propose(cast: Cast, by: str = "trial_manager") -> Proposal:
    return actions.propose(trial=cast.trial, by=cast[by], now=PROPOSED_AT)


def confirm(cast: Cast, proposal: Proposal, by: str = "randomiser") -> Proposal:
    return actions.confirm(proposal=proposal, by=cast[by], now=DRAWN_AT)


def test_site_draws_what_the_core_draws_from_the_same_study(cast: Cast) -> None:
    drawn = Allocation.objects.get(trial=cast.trial)
    study = simulated()
    assert read_bytes(drawn.roster) == (study / "roster.csv").read_bytes()
    assert read_bytes(drawn.table) == (study / "allocation.csv").read_bytes()


def test_everybody_enrolled_has_the_arm_the_core_drew_and_nobody_else_has_one(cast: Cast) -> None:
    table = read_bytes(Allocation.objects.get().table).decode()
    arms = {row["unit"]: row["arm"] for row in csv.DictReader(io.StringIO(table))}
    kept = {
        f"{row.participant.partner.code}/{row.participant.staff_id}": row.arm
        for row in Assignment.objects.select_related("participant__partner")
    }
    assert kept == arms
    assert not Assignment.objects.exclude(participant__excluded_because="").exists()


def test_draw_moves_the_trial_on_and_the_flow_adds_up(cast: Cast) -> None:
    assert cast.trial.stage == Stage.ALLOCATED
    told_flow = flow(cast.trial)
    arms = Counter(Assignment.objects.values_list("arm", flat=True))
    assert {arm.arm: arm.people for arm in told_flow.arms} == dict(arms)
    assert sum(arms.values()) == told_flow.enrolled == 340


def test_events_of_the_draw_name_hashes_and_no_arm(cast: Cast) -> None:
    events = Event.objects.filter(act__startswith="draw.")
    assert [event.act for event in events] == ["draw.proposed", "draw.confirmed", "draw.done"]
    arms = [arm.id for arm in declared(cast.trial).arms]
    assert not any(arm in str(event.details) for event in events for arm in arms)
    assert events[2].details["roster"] == Roster.objects.get().sha256


def test_record_names_both_people_by_number(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "allocation.toml").write_bytes(read_bytes(Allocation.objects.get().record))
    record = read_record(tmp_path / "allocation.toml")
    one, two = cast["trial_manager"].pk, cast["randomiser"].pk
    assert record.by == f"proposed by user {one}, confirmed by user {two}"
    assert record.roster_sha256 == Roster.objects.get().sha256


def test_second_person_must_confirm_the_draw(enrolled: Cast) -> None:
    proposal = propose(enrolled)
    with pytest.raises(AllocationError, match="nobody confirms the draw they proposed"):
        confirm(enrolled, proposal, "trial_manager")
    with pytest.raises(AllocationError, match="no second person confirmed"):
        actions.draw(proposal=proposal, now=DRAWN_AT)
    assert not Allocation.objects.exists()


def test_database_refuses_one_person_twice(enrolled: Cast) -> None:
    proposal = propose(enrolled)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(
            confirmed_by=proposal.proposed_by, confirmed_at=DRAWN_AT
        )


def test_database_refuses_an_allocation_by_one_person(cast: Cast) -> None:
    drawn = Allocation.objects.get()
    drawn.pk, drawn.confirmed_by = None, drawn.proposed_by
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn.save(force_insert=True)


def test_database_takes_one_allocation_of_a_trial(cast: Cast) -> None:
    drawn = Allocation.objects.get()
    drawn.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn.save(force_insert=True)


@pytest.mark.parametrize("who", ["researcher", "coordinator", "administrator", "team_manager"])
def test_nobody_without_the_right_proposes_or_confirms(enrolled: Cast, who: str) -> None:
    with pytest.raises(AllocationError, match="may not randomise"):
        propose(enrolled, who)
    proposal = propose(enrolled)
    with pytest.raises(AllocationError, match="may not randomise"):
        confirm(enrolled, proposal, who)
    with pytest.raises(AllocationError, match="may not randomise"):
        actions.withdraw(proposal=proposal, by=enrolled[who], now=DRAWN_AT)


def test_proposing_twice_gives_the_proposal_that_is_there(enrolled: Cast) -> None:
    assert propose(enrolled).pk == propose(enrolled).pk
    with pytest.raises(AllocationError, match="proposed already"):
        propose(enrolled, "second")


def test_withdrawn_proposal_is_not_confirmed_and_makes_room_for_another(enrolled: Cast) -> None:
    proposal = propose(enrolled)
    actions.withdraw(proposal=proposal, by=enrolled["second"], now=PROPOSED_AT)
    with pytest.raises(AllocationError, match="was withdrawn"):
        confirm(enrolled, proposal)
    assert confirm(enrolled, propose(enrolled, "second")).confirmed_at == DRAWN_AT


def test_draw_confirmed_and_then_withdrawn_is_not_made(enrolled: Cast) -> None:
    proposal = confirm(enrolled, propose(enrolled))
    actions.withdraw(proposal=proposal, by=enrolled["second"], now=DRAWN_AT)
    with pytest.raises(AllocationError, match="no second person confirmed"):
        actions.draw(proposal=proposal, now=DRAWN_AT)


def freeze_again(cast: Cast) -> None:
    amend(cast, LOSE_BRACKNELL)
    freeze(
        trial=cast.trial, by=cast["trial_manager"], now=LATER, again_because="Lost before launch."
    )


def test_proposal_about_an_earlier_roster_is_not_confirmed(enrolled: Cast) -> None:
    proposal = propose(enrolled)
    freeze_again(enrolled)
    with pytest.raises(AllocationError, match="frozen again since the draw was proposed"):
        confirm(enrolled, proposal)
    fresh = propose(enrolled, "second")
    proposal.refresh_from_db()
    assert proposal.withdrawn_at is not None
    assert fresh.roster_sha256 == Roster.objects.get().sha256


def test_roster_frozen_again_after_confirmation_stops_the_draw(enrolled: Cast) -> None:
    proposal = confirm(enrolled, propose(enrolled))
    freeze_again(enrolled)
    with pytest.raises(AllocationError):
        actions.draw(proposal=proposal, now=DRAWN_AT)
    assert not Allocation.objects.exists()


def test_amendment_that_would_change_the_roster_stops_the_draw(enrolled: Cast) -> None:
    proposal = confirm(enrolled, propose(enrolled))
    amend(enrolled, LOSE_BRACKNELL)
    with pytest.raises(AllocationError, match="not the one agreed on"):
        actions.draw(proposal=proposal, now=DRAWN_AT)
    assert not Allocation.objects.exists()


def test_person_slipped_onto_the_roster_stops_the_draw(enrolled: Cast) -> None:
    proposal = confirm(enrolled, propose(enrolled))
    Participant.objects.create(trial=enrolled.trial, partner=enrolled.dudley, staff_id="X1")
    with pytest.raises(ArchiveError, match="not those of the frozen roster"):
        actions.draw(proposal=proposal, now=DRAWN_AT)


def test_drawing_twice_gives_the_first_draw(cast: Cast) -> None:
    drawn = Allocation.objects.get()
    again = actions.draw(proposal=Proposal.objects.get(), now=LATER)
    assert (again.pk, again.drawn_at) == (drawn.pk, DRAWN_AT)
    with pytest.raises(AllocationError, match="nothing is ever drawn twice"):
        propose(cast)
    with pytest.raises(AllocationError, match="nothing is ever drawn twice"):
        actions.withdraw(proposal=Proposal.objects.get(), by=cast["second"], now=LATER)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Assignment, {"arm": "letter"}),
        (Assignment, {"unit": "other"}),
        (Allocation, {"drawn_at": LATER}),
        (Proposal, {"roster_sha256": "0" * 64}),
        (Proposal, {"confirmed_at": LATER}),
        (ArmCount, {"people": 1}),
    ],
)
def test_database_refuses_to_change_a_draw(
    cast: Cast, model: type[models.Model], change: dict[str, object]
) -> None:
    rows = model._default_manager.exclude(**change)
    one = rows.values_list("pk", flat=True)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.filter(pk=one).update(**change)


def test_database_refuses_to_delete_whoever_was_drawn(cast: Cast) -> None:
    person = somebody(cast)

    def delete() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM enrolment_participant WHERE id = %s", [person.pk])
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        delete()


def test_failing_draw_leaves_nothing_and_can_be_tried_again(
    enrolled: Cast, settings: object
) -> None:
    from cryptography.fernet import Fernet

    proposal = confirm(enrolled, propose(enrolled))
    kept = settings.VAULT_KEYS  # type: ignore[attr-defined]
    settings.VAULT_KEYS = (Fernet.generate_key().decode(),)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="no key opens the allocation secret"):
        actions.draw(proposal=proposal, now=DRAWN_AT)
    assert not Allocation.objects.exists()
    assert find_cast().trial.stage == Stage.ENROLLED
    settings.VAULT_KEYS = kept  # type: ignore[attr-defined]
    actions.draw(proposal=proposal, now=DRAWN_AT)
    table = read_bytes(Allocation.objects.get().table)
    assert table == (simulated() / "allocation.csv").read_bytes()


def test_secret_and_draw_are_gone_from_the_disk_afterwards(
    enrolled: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[str] = []

    def look(_what: str, done: int, total: int) -> None:
        seen.extend(path.name for path in tmp_path.rglob("*") if path.is_file())

    proposal = confirm(enrolled, propose(enrolled))
    actions.draw(proposal=proposal, now=DRAWN_AT, progress=look)
    assert "registered.toml" in seen
    assert "secret.key" not in seen
    assert list(tmp_path.iterdir()) == []


def test_balance_is_the_reports_on_what_was_known_at_the_draw(cast: Cast) -> None:
    balance = Allocation.objects.get().balance
    assert {row["label"] for row in balance} == {"Role", "Length of service"}
    service = next(row for row in balance if row["label"] == "Length of service")
    assert service["arm"] == "letter"
    assert abs(service["difference"]) < 1


def test_replay_confirms_the_draw_and_is_kept(cast: Cast) -> None:
    found = actions.replay(allocation=Allocation.objects.get(), by=cast["second"], now=LATER)
    assert found.confirmed
    assert "Drawing again gives the recorded arm for all 340 units." in found.lines
    assert Replay.objects.count() == 2
    arms = [arm.id for arm in declared(cast.trial).arms]
    assert not any(arm in line for line in found.lines for arm in arms)


def test_anyone_replays_the_draw_from_the_folder_by_the_command_line(
    cast: Cast, tmp_path: Path
) -> None:
    write_allocated_study(cast.trial, tmp_path)
    assert not (tmp_path / "secret.key").exists()
    done = CliRunner().invoke(app, ["allocate", str(tmp_path), "--verify"])
    assert done.exit_code == 0, done.output
    assert "Drawing again gives the recorded arm for all 340 units." in done.output.replace(
        "\n", " "
    )


def test_folder_becomes_an_archive_whatever_happened_since(cast: Cast, tmp_path: Path) -> None:
    tell(cast, told(somebody(cast), What.WITHDRAWAL, detail=ERASE))
    tell(cast, told(somebody(cast, at=1), What.TRANSFER, team="T77"))
    amend(cast, ('title = "', 'title = "Amended: '))
    study = tmp_path / "study"
    study.mkdir()
    write_allocated_study(cast.trial, study)
    archive = assemble_archive(text_in_force(cast.trial), data=study, out=tmp_path / "archive")
    assert archive.roster.height == 391
    assert archive.allocation is not None
    assert archive.allocation.height == 340
    assert archive.events is not None
    assert archive.events.height == 2


def test_partners_that_hold_contact_details_deliver_unless_decided_otherwise(
    enrolled: Cast,
) -> None:
    for partner, route in (
        (enrolled.dudley, ContactRoute.HELD),
        (enrolled.shropshire, ContactRoute.VAULT),
    ):
        Agreement.objects.create(trial=enrolled.trial, partner=partner, contact_route=route)
    actions.draw(proposal=confirm(enrolled, propose(enrolled)), now=DRAWN_AT)
    rows = Delivering.objects.select_related("participation__partner")
    assert {row.participation.partner.code: row.by_partner for row in rows} == {
        "dudley": True,
        "shropshire": False,
        "bracknell_forest": False,
    }
    actions.decide_delivering(
        trial=enrolled.trial,
        partner=enrolled.shropshire,
        by_partner=True,
        by=enrolled["trial_manager"],
        now=LATER,
    )
    assert Event.objects.get(act="delivering.decided").partner == "shropshire"


def test_nothing_of_the_draw_can_be_reached_from_a_participant() -> None:
    names = {relation.name for relation in Participant._meta.related_objects}
    assert "assignment" not in names
    assert not hasattr(Participant, "assignment")
    hidden = [r for r in Participant._meta.get_fields(include_hidden=True) if r.is_relation]
    assert all(r.hidden for r in hidden if getattr(r, "related_model", None) is Assignment)


def test_secret_is_opened_by_the_draw_alone() -> None:
    source = Path(actions.__file__).parents[1]
    users = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "open_secret" in path.read_text(encoding="utf-8")
    }
    assert users <= {"protocols/queries.py", "allocation/drawing.py"}


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_make_one_draw() -> None:
    cast = world("enrolled")
    proposal = propose(cast)

    def confirm_and_draw(by: User) -> Callable[[], object]:
        def act() -> None:
            confirmed = actions.confirm(proposal=proposal, by=by, now=DRAWN_AT)
            actions.draw(proposal=confirmed, now=DRAWN_AT)

        return act

    failed = errors(at_once(confirm_and_draw(cast["randomiser"]), confirm_and_draw(cast["second"])))
    assert failed == []
    assert Allocation.objects.count() == 1
    assert Assignment.objects.count() == 340
    assert Event.objects.filter(act="draw.confirmed").count() == 1
    assert Event.objects.filter(act="draw.done").count() == 1
    assert Registration.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_leave_one() -> None:
    cast = world("enrolled")
    failed = errors(at_once(lambda: propose(cast), lambda: propose(cast, "second")))
    assert [type(error) for error in failed] == [AllocationError]
    assert Proposal.objects.count() == 1
