"""Messages of an intervention go to the arm that gets it, when its trial file says so."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError, ProtocolError
from lighttouch.web.allocation.actions import decide_delivering
from lighttouch.web.audit.models import Event
from lighttouch.web.delivery import actions
from lighttouch.web.delivery.models import Delivery, Kind, Mailing, Route, State, Step
from lighttouch.web.delivery.sending import send_due
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Trial
from tests.web.allocation.test_blinding import WORD
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.delivery import cases, worded
from tests.web.delivery.conftest import Told
from tests.web.delivery.test_sending import again, happen, states
from tests.web.protocols.cases import amended
from tests.web.returns.cases import letters_text
from tests.web.studies import world

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with the letters trial drawn."""
    return world("allocated")


def test_each_arm_gets_its_own_messages_and_whoever_was_never_drawn_none(cast: Cast) -> None:
    worded.put_in_words(cast)
    stranger = worded.somebody_else(cast)
    worded.plan(cast)
    for intervention, arm in (("recognition_letter", "letter"), ("later_letter", "waitlist")):
        drawn = worded.arm_of(cast, arm, cast.dudley)
        for number in (1, 2, 3):
            found = worded.mailing(cast, number, intervention)
            assert {one.participant_id for one in worded.deliveries(found)} == drawn
    assert not Delivery.objects.filter(participant=stranger).exists()
    before = Delivery.objects.count()
    worded.plan(cast)
    assert Delivery.objects.count() == before, "planning again plans nothing twice"


def test_repeated_messages_are_a_week_apart_and_the_waitlist_arm_gets_them_later(
    cast: Cast,
) -> None:
    worded.put_in_words(cast)
    worded.plan(cast)
    first, second, third = (worded.mailing(cast, number).due_at for number in (1, 2, 3))
    assert third - second == timedelta(weeks=1)
    assert second - first == timedelta(days=6), "the first was put off from Easter Monday"
    later = worded.mailing(cast, 1, "later_letter").due_at
    assert later > third + timedelta(weeks=8)
    assert Mailing.objects.filter(step__survey=None).count() == 6 * 3


def test_nothing_is_planned_before_the_draw(db: None) -> None:
    cast = world("enrolled")
    worded.put_in_words(cast)
    worded.plan(cast)
    assert not Step.objects.exists()


def test_a_message_says_who_writes_in_the_words_of_its_week(cast: Cast, told: Told) -> None:
    manager = ('subject = "2 of 3: thank you"', 'from = "manager"\nsubject = "2 of 3: thank you"')
    worded.ready(cast, manager)
    first = [worded.deliveries(worded.mailing(cast, number))[0] for number in (1, 2)]
    worded.keep(first)
    send_due(first[1].due_at + MINUTE, transports=told)
    ours, theirs = told.taken
    assert [one.subject for one in told.taken] == ["1 of 3: thank you", "2 of 3: thank you"]
    assert f"seen by the team of {first[0].participant.team}." in ours.text
    assert "The research team" in ours.text
    assert ours.reply_to == ""
    assert "Your team manager\nSent by the research team for your team manager" in theirs.text
    assert theirs.reply_to == cast["coordinator"].email
    assert theirs.reply_to in theirs.text


def test_who_left_withdrew_or_wants_none_is_not_sent_to_and_who_is_on_leave_waits(
    cast: Cast, told: Told
) -> None:
    worded.ready(cast)
    found = worded.mailing(cast)
    first = worded.deliveries(found)[:5]
    worded.keep(first)
    happen(cast, first[0], "left")
    happen(cast, first[1], "withdrawal", "stop_contact")
    actions.opt_out(delivery=first[2], now=NOW)
    happen(cast, first[3], "on_leave")
    send_due(found.due_at + MINUTE, transports=told)
    now = again(first)
    assert states(now) == ["cancelled"] * 3 + ["planned", "accepted"]
    assert [one.trouble for one in now] == [
        "left the organisation",
        "asked not to be contacted",
        "asked for no more messages",
        "on leave",
        "",
    ]


def elsewhere(cast: Cast, person: Participant, days: int, now_at: Mailing) -> None:
    """The same person got a message in another trial of the programme."""
    other = Trial.objects.filter(programme=cast.programme).exclude(pk=cast.trial.pk).first()
    if other is None:
        other = Trial.objects.create(
            programme=cast.programme, slug="other", title="Other", created_at=NOW
        )
    same = Participant.objects.create(trial=other, partner=person.partner, staff_id=person.staff_id)
    step = Step.objects.create(
        trial=other, kind=Kind.MESSAGE, number=1, intervention="x", act=f"a{days}", title="X"
    )
    mailing = Mailing.objects.create(step=step, partner=person.partner, due_at=now_at.due_at)
    Delivery.objects.create(
        mailing=mailing,
        step=step,
        participant=same,
        route=Route.PACK,
        state=State.ACCEPTED,
        due_at=mailing.due_at,
        handed_over_at=now_at.due_at - timedelta(days=days),
        reference=f"{days:032x}",
        opt_out=f"{days}",
    )


@pytest.mark.parametrize(("days", "state"), [(3, "planned"), (8, "accepted")])
def test_the_cap_of_the_trial_file_counts_every_trial_of_the_programme(
    cast: Cast, told: Told, days: int, state: str
) -> None:
    worded.ready(cast, ("[[covariates]]", "[contact]\nmost_a_week = 1\n\n[[covariates]]"))
    found = worded.mailing(cast)
    first = worded.deliveries(found)[:1]
    worded.keep(first)
    elsewhere(cast, first[0].participant, days, found)
    send_due(found.due_at + MINUTE, transports=told)
    assert states(again(first)) == [state]
    assert again(first)[0].trouble == ("enough messages this week" if state == "planned" else "")


def test_two_workers_with_a_message_each_do_not_both_send_the_last_one_allowed(
    cast: Cast, told: Told
) -> None:
    worded.ready(cast, ("[[covariates]]", "[contact]\nmost_a_week = 1\n\n[[covariates]]"))
    found = worded.mailing(cast)
    first = worded.deliveries(found)[:1]
    other = Delivery.objects.get(participant=first[0].participant, mailing=worded.mailing(cast, 2))
    worded.keep(first)
    Delivery.objects.filter(pk=other.pk).update(
        state=State.CLAIMED, claim=other.reference, lease_until=NOW + timedelta(days=9000)
    )
    send_due(found.due_at + MINUTE, transports=told)
    [now] = again(first)
    assert (now.state, now.trouble) == ("planned", "another message is on its way")
    assert not told.taken


def test_hours_are_those_of_the_trial_file(cast: Cast, told: Told) -> None:
    worded.ready(cast, ("[[covariates]]", "[contact]\nuntil_hour = 11\n\n[[covariates]]"))
    found = worded.mailing(cast)
    first = worded.deliveries(found)[:1]
    worded.keep(first)
    send_due(found.due_at + timedelta(hours=1, minutes=1), transports=told)
    [now] = again(first)
    assert (now.trouble, now.due_at.astimezone().minute) == ("outside working hours", 0)
    assert now.due_at > found.due_at + timedelta(hours=12)


def test_other_words_need_the_partner_to_agree_again(cast: Cast) -> None:
    worded.ready(cast)
    first, second = worded.mailing(cast, 1), worded.mailing(cast, 2)
    worded.put_in_words(cast, ('"1 of 3: thank you"', '"1 of 3: thank you all"'))
    worded.plan(cast)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.signed_off_at is None
    assert second.signed_off_at is not None
    shown = actions.words_of_all([first])
    first.words = "0" * 64
    first.save()
    with pytest.raises(InputError, match="other words"):
        actions.sign_off(
            trial=cast.trial,
            partner=cast.dudley,
            mailings=[(first.pk, first.due_at)],
            words=shown,
            by=cast["coordinator"],
            now=NOW,
        )


def test_a_message_taken_out_of_the_trial_file_is_cancelled_when_it_is_due(
    cast: Cast, told: Told
) -> None:
    worded.ready(cast)
    found = worded.mailing(cast, 3)
    first = worded.deliveries(found)[:1]
    worded.keep(first)
    amended(cast, cast.trial, letters_text(), "On paper after all.")
    send_due(found.due_at + MINUTE, transports=told)
    assert again(first)[0].trouble == "the trial file has no such message any more"
    assert not told.taken


def test_first_names_are_refused_where_a_partner_keeps_them(cast: Cast) -> None:
    named = ("Write back", "Dear {first_name}, write back")
    with pytest.raises(ProtocolError, match=r"line \d+.*will not know first names at .*Dudley"):
        worded.put_in_words(cast, named)


def test_first_name_comes_from_the_vault_and_a_lack_of_it_shows(cast: Cast, told: Told) -> None:
    for one in cast.trial.participations.all():
        Agreement.objects.update_or_create(
            trial=cast.trial,
            partner=one.partner,
            defaults={"contact_route": ContactRoute.VAULT},
        )
    worded.ready(cast, ("Write back", "Dear {first_name}, write back"))
    found = worded.mailing(cast)
    first = worded.deliveries(found)[:1]
    worded.keep(first)
    send_due(found.due_at + MINUTE, transports=told)
    assert "Dear Ann, write back" in told.taken[0].text


def test_partner_that_keeps_names_sends_by_pack_and_texts_have_their_route(cast: Cast) -> None:
    cases.seal(cast, cast.dudley, cast["coordinator"])
    as_text = worded.WEEKLY.replace("email", "text_message")
    texts = [(worded.WEEKLY, as_text), (worded.WEEKLY, as_text)]
    heads = [(f'subject = "{number} of 3: thank you"\n', "") for number in (1, 2, 3)]
    worded.put_in_words(cast, *texts, *heads)
    worded.plan(cast)
    routes = Delivery.objects.values_list("mailing__partner__code", "route").distinct()
    assert set(routes) == {("dudley", "text"), *((p, "pack") for p in others(cast))}


def others(cast: Cast) -> list[str]:
    """The partners beside Dudley that take part."""
    codes = Mailing.objects.values_list("partner__code", flat=True)
    return sorted(set(codes) - {"dudley"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": Kind.MESSAGE, "number": 0, "intervention": "a", "act": "b"},
        {"kind": Kind.MESSAGE, "number": 1, "intervention": "", "act": "b"},
        {"kind": Kind.MESSAGE, "number": 1, "intervention": "a", "act": ""},
        {"kind": Kind.INVITATION, "number": 0},
    ],
    ids=["no number", "of nothing", "no act", "of no survey"],
)
def test_a_step_is_of_a_survey_or_of_an_intervention(cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(trial=cast.trial, **wrong)


def test_one_time_of_one_message_is_planned_once(cast: Cast) -> None:
    same = {"kind": Kind.MESSAGE, "number": 1, "intervention": "a", "act": "b"}
    Step.objects.create(trial=cast.trial, **same)
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(trial=cast.trial, **same)


def test_no_path_leads_from_a_participant_to_a_delivery() -> None:
    related = {field.name for field in Participant._meta.get_fields()}
    assert not {name for name in related if "deliver" in name or "mailing" in name}


def test_who_must_not_know_arms_sees_counts_and_cannot_ask_for_one_person(
    cast: Cast, sign_in: SignIn
) -> None:
    worded.ready(cast)
    found = worded.mailing(cast)
    code = worded.deliveries(found)[0].participant.staff_id
    address = f"/trials/letters/partners/dudley/delivery/{found.pk}/preview/"
    coordinator = sign_in("coordinator")
    for shown in (coordinator.get(address), coordinator.post(address, {"code": code})):
        assert shown.status_code == 200
        assert code not in shown.content.decode()
        assert "Staff code" not in shown.content.decode()
    calendar = sign_in("researcher").get("/trials/letters/delivery/calendar/").content.decode()
    assert "Arm: " in calendar
    people = {one.staff_id for one in cases.people_of(cast, cast.dudley)}
    assert people.isdisjoint(WORD.findall(calendar))
    told = sign_in("trial_manager").post(address, {"code": code}).content.decode()
    assert f"As {code} gets it" in told
    assert Event.objects.filter(act="arms.seen").count() == 1


def test_coordinator_takes_the_pack_of_an_arm_only_if_the_partner_delivers(
    cast: Cast, sign_in: SignIn
) -> None:
    worded.put_in_words(cast)
    worded.plan(cast)
    cases.sign_off(cast, cast.dudley)
    found = worded.mailing(cast)
    address = f"/trials/letters/partners/dudley/delivery/mailings/{found.pk}/"
    coordinator = sign_in("coordinator")
    assert coordinator.get(address).status_code == 422
    decide_delivering(
        trial=cast.trial, partner=cast.dudley, by_partner=True, by=cast["second"], now=NOW
    )
    assert coordinator.get(address).status_code == 200


def test_a_look_at_the_messages_of_somebody_drawn_is_in_the_log(
    cast: Cast, sign_in: SignIn
) -> None:
    worded.ready(cast)
    person = worded.deliveries(worded.mailing(cast))[0].participant_id
    shown = sign_in("trial_manager").get(f"/trials/letters/delivery/people/{person}/")
    assert "post letter 1 of 3" in shown.content.decode()
    assert Event.objects.filter(act="arms.seen").count() == 1
