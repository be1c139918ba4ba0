"""People are invited, given roles and lose them, within the reach of whoever does it."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.actions import (
    close_account,
    end_role,
    invite,
    invite_again,
    make_first_administrator,
)
from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.rights_to_give import may_give
from lighttouch.web.audit import once
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Partner, Programme, Trial
from tests.web.accounts.conftest import is_signed_in, mailed_path
from tests.web.cast import NOW, Cast, add_person, make_cast, make_programme
from tests.web.conftest import SignIn
from tests.web.together import at_once, errors

NEW: dict[str, Any] = {"email": "new@example.org", "name": "Nell New"}


@pytest.fixture
def two(cast: Cast) -> Cast:
    """The cast, a second trial with its own manager, and a manager of another programme."""
    second = Trial.objects.create(
        programme=cast.programme, slug="texts", title="Texts", created_at=NOW
    )
    user = add_person(cast, "trial_manager", "of_one_trial")
    Grant.objects.filter(user=user).update(trial=second)
    other = make_programme("other", "other_trial")
    cast.people["outsider"] = add_person(other, "trial_manager", "outsider")
    return cast


def grant_for(cast: Cast, role: Role, trial: Trial | None = None) -> Grant:
    scoped = role != Role.ADMINISTRATOR
    at_partner = role in (Role.COORDINATOR, Role.TEAM_MANAGER)
    return Grant(
        role=role,
        programme=cast.programme if scoped else None,
        trial=trial if scoped else None,
        partner=cast.dudley if at_partner else None,
        team="T01" if role == Role.TEAM_MANAGER else "",
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("key", "gives"),
    [
        ("administrator", "all"),
        ("trial_manager", "all but administrator"),
        ("researcher", "none"),
        ("randomiser", "none"),
        ("coordinator", "none"),
        ("team_manager", "none"),
        ("outsider", "none"),
        ("of_one_trial", "none"),
    ],
)
def test_roles_in_a_programme_are_given_by_its_managers_and_administrators(
    two: Cast, key: str, gives: str, role: Role
) -> None:
    expected = gives == "all" or (gives.startswith("all but") and role != Role.ADMINISTRATOR)
    assert may_give(two[key], grant_for(two, role)) == expected


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_manager_of_one_trial_gives_roles_in_that_trial_only(two: Cast, role: Role) -> None:
    own = Trial.objects.get(slug="texts")
    assert may_give(two["of_one_trial"], grant_for(two, role, own))
    assert not may_give(two["of_one_trial"], grant_for(two, role, two.trial))


def test_invited_person_gets_a_link_and_a_role_in_words(cast: Cast) -> None:
    user, _ = invite(
        **NEW,
        role=Role.COORDINATOR,
        programme=cast.programme,
        partner=cast.dudley,
        by=cast["trial_manager"],
        now=NOW,
    )
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    body = str(mail.outbox[0].body)
    assert "Trial_Manager has given you a role" in body
    assert "partner coordinator for Dudley, Light-touch programme" in body
    assert "for seven days" in body
    grant = user.grants.get()
    assert (grant.role, grant.partner) == ("coordinator", cast.dudley)


def test_invitation_signs_in(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    now = timezone.now()
    invite(
        **NEW,
        role=Role.COORDINATOR,
        programme=cast.programme,
        partner=cast.dudley,
        by=cast["trial_manager"],
        now=now,
    )
    client = Client()
    client.post(mailed_path())
    assert is_signed_in(client, User.objects.get(email="new@example.org"))


def test_somebody_who_has_an_account_gets_another_role_and_keeps_their_name(cast: Cast) -> None:
    user, _ = invite(
        email="RESEARCHER@example.org",
        name="Another Name",
        role=Role.RANDOMISER,
        programme=cast.programme,
        by=cast["trial_manager"],
        now=NOW,
    )
    assert user == cast["researcher"]
    assert user.name == "Researcher"
    assert sorted(user.grants.values_list("role", flat=True)) == ["randomiser", "researcher"]


def test_role_somebody_has_is_not_given_twice(cast: Cast) -> None:
    for _ in range(2):
        invite(**NEW, role=Role.RESEARCHER, programme=cast.programme, by=cast["second"], now=NOW)
    assert Grant.objects.filter(user__email="new@example.org").count() == 1
    assert Event.objects.filter(act="role.given").count() == 1


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("trial_manager", Role.RESEARCHER),
        ("trial_manager", Role.TRIAL_MANAGER),
        ("administrator", Role.TRIAL_MANAGER),
        ("administrator", Role.RESEARCHER),
    ],
)
def test_nobody_gives_themselves_a_role(cast: Cast, key: str, role: Role) -> None:
    with pytest.raises(InputError, match="nobody gives themselves a role"):
        invite(
            email=f"{key.upper()}@example.org",
            name="",
            role=role,
            programme=cast.programme,
            by=cast[key],
            now=NOW,
        )
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    "key", ["researcher", "randomiser", "coordinator", "team_manager", "outsider", "of_one_trial"]
)
def test_whoever_may_not_give_a_role_gives_none(two: Cast, key: str) -> None:
    before = (User.objects.count(), Grant.objects.count())
    with pytest.raises(InputError, match="may not give this role"):
        invite(**NEW, role=Role.RESEARCHER, programme=two.programme, by=two[key], now=NOW)
    assert (User.objects.count(), Grant.objects.count()) == before
    assert not mail.outbox


def test_role_whose_places_do_not_belong_together_is_refused(two: Cast) -> None:
    foreign = Trial.objects.get(slug="other_trial")
    with pytest.raises(InputError, match="of another programme"):
        invite(
            **NEW,
            role=Role.RESEARCHER,
            programme=two.programme,
            trial=foreign,
            by=two["administrator"],
            now=NOW,
        )
    with pytest.raises(InputError, match="does not take part"):
        invite(
            **NEW,
            role=Role.COORDINATOR,
            programme=two.programme,
            trial=Trial.objects.get(slug="texts"),
            partner=two.dudley,
            by=two["administrator"],
            now=NOW,
        )


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_role_without_its_place_is_refused(cast: Cast, role: Role) -> None:
    with pytest.raises(InputError, match="do not fit together"):
        invite(**NEW, role=role, by=OPERATOR, now=NOW)
    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("email", ["not an address", "", "a" * 300 + "@example.org"])
def test_what_is_no_address_is_refused_without_repeating_it(cast: Cast, email: str) -> None:
    with pytest.raises(InputError) as caught:
        invite(email=email, name="X", role=Role.ADMINISTRATOR, by=OPERATOR, now=NOW)
    assert caught.value.faults[0].where == "email"
    assert not email or email not in str(caught.value)


def test_closed_account_gets_no_role(cast: Cast) -> None:
    User.objects.filter(email="researcher@example.org").update(is_active=False)
    with pytest.raises(InputError, match="closed"):
        invite(
            email="researcher@example.org",
            name="",
            role=Role.RANDOMISER,
            programme=cast.programme,
            by=cast["second"],
            now=NOW,
        )


def test_closing_an_account_ends_all_that_it_could_do(cast: Cast, sign_in: SignIn) -> None:
    there = sign_in("researcher")
    address = f"/people/{cast['researcher'].pk}/close/"
    administrator = sign_in("administrator")
    assert "loses every role" in administrator.get(address).content.decode()
    assert administrator.post(address)["Location"] == "/people/"
    assert there.get("/account/")["Location"].startswith("/sign-in/")
    assert not Grant.objects.filter(user=cast["researcher"], ended_at=None).exists()
    assert not User.objects.get(pk=cast["researcher"].pk).is_active
    assert Event.objects.filter(act="account.closed").count() == 1
    administrator.post(address)
    assert Event.objects.filter(act="account.closed").count() == 1


@pytest.mark.parametrize("key", ["administrator", "trial_manager", "researcher"])
def test_nobody_closes_an_account_but_another_administrator(cast: Cast, key: str) -> None:
    with pytest.raises(InputError, match="Ask another administrator"):
        close_account(user=cast["administrator"], by=cast[key], now=NOW)
    assert User.objects.get(pk=cast["administrator"].pk).is_active


def test_administrator_opens_a_closed_account_by_inviting_again(cast: Cast) -> None:
    close_account(user=cast["researcher"], by=cast["administrator"], now=NOW)
    asked: dict[str, Any] = {"email": "researcher@example.org", "name": "x", "now": NOW}
    asked |= {"role": Role.RESEARCHER, "programme": cast.programme}
    with pytest.raises(InputError, match="closed"):
        invite(**asked, by=cast["trial_manager"])
    user, _ = invite(**asked, by=cast["administrator"])
    assert user.is_active
    assert user.name == cast["researcher"].name
    assert Event.objects.filter(act="account.opened_again").count() == 1


def test_people_correct_their_own_name_and_no_event_says_it(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    assert "Enter" in client.post("/account/name/", {"name": " "}).content.decode()
    answer = client.post("/account/name/", {"name": "  Cora Ordway "})
    assert answer["Location"] == "/account/"
    assert "Cora Ordway" in client.get("/account/").content.decode()
    event = Event.objects.get(act="account.name_corrected")
    assert "Ordway" not in str(event.details)


def test_ended_role_gives_nothing_at_the_next_page(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("second")
    assert client.get("/people/").status_code == 200
    end_role(grant=cast["second"].grants.get(), by=cast["trial_manager"], now=NOW)
    assert client.get("/people/").status_code == 403


def test_role_ends_once(cast: Cast) -> None:
    grant = cast["second"].grants.get()
    end_role(grant=grant, by=cast["trial_manager"], now=NOW)
    with pytest.raises(InputError, match="ended already"):
        end_role(grant=grant, by=cast["trial_manager"], now=NOW)
    assert Event.objects.filter(act="role.ended").count() == 1


@pytest.mark.parametrize("key", ["coordinator", "researcher", "trial_manager"])
def test_nobody_ends_a_role_they_could_not_give(cast: Cast, key: str) -> None:
    with pytest.raises(InputError, match="may not end this role"):
        end_role(grant=cast["administrator"].grants.get(), by=cast[key], now=NOW)


def test_last_administrator_stays(cast: Cast) -> None:
    with pytest.raises(InputError, match="last administrator"):
        end_role(grant=cast["administrator"].grants.get(), by=cast["administrator"], now=NOW)


def test_administrator_may_go_when_there_is_another_who_can_sign_in(cast: Cast) -> None:
    other = add_person(cast, "administrator", "other_administrator")
    User.objects.filter(pk=other.pk).update(is_active=False)
    grant = cast["administrator"].grants.get()
    with pytest.raises(InputError, match="last administrator"):
        end_role(grant=grant, by=cast["administrator"], now=NOW)
    User.objects.filter(pk=other.pk).update(is_active=True)
    end_role(grant=grant, by=cast["administrator"], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_end_each_other_at_the_same_moment_leave_one() -> None:
    cast = make_cast()
    add_person(cast, "administrator", "other")
    grants = {key: cast[key].grants.get() for key in ("administrator", "other")}
    outcomes = at_once(
        lambda: end_role(grant=grants["other"], by=cast["administrator"], now=NOW),
        lambda: end_role(grant=grants["administrator"], by=cast["other"], now=NOW),
    )
    assert [type(error) for error in errors(outcomes)] == [InputError]
    assert Grant.objects.filter(role="administrator", ended_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_invite_the_same_person_at_the_same_moment_make_one_account_and_role() -> None:
    cast = make_cast()
    asked = {**NEW, "role": Role.RESEARCHER, "programme": cast.programme, "now": NOW}
    outcomes = at_once(
        lambda: invite(**asked, by=cast["trial_manager"]),
        lambda: invite(**asked, by=cast["second"]),
    )
    assert errors(outcomes) == []
    assert User.objects.filter(email="new@example.org").count() == 1
    assert Grant.objects.filter(user__email="new@example.org").count() == 1
    assert Event.objects.filter(act="role.given").count() == 1


@pytest.mark.django_db
def test_first_administrator_is_made_by_whoever_runs_the_server() -> None:
    user, token = make_first_administrator(**NEW, now=NOW)
    assert [grant.role for grant in user.grants.all()] == ["administrator"]
    assert len(token) == 22
    assert set(Event.objects.values_list("actor", flat=True)) == {"operator"}


def test_there_is_one_first_administrator(cast: Cast) -> None:
    with pytest.raises(InputError, match="Ask them for an invitation"):
        make_first_administrator(**NEW, now=NOW)


def test_fresh_invitation_goes_to_whoever_lost_theirs(cast: Cast) -> None:
    grant = cast["coordinator"].grants.get()
    invite_again(grant=grant, by=cast["second"], now=NOW)
    assert [message.to for message in mail.outbox] == [["coordinator@example.org"]]
    with pytest.raises(InputError, match="may not invite"):
        invite_again(grant=grant, by=cast["researcher"], now=NOW)
    end_role(grant=grant, by=cast["second"], now=NOW)
    grant.refresh_from_db()
    with pytest.raises(InputError, match="has ended"):
        invite_again(grant=grant, by=cast["second"], now=NOW)


# Pages


def test_manager_sees_the_people_of_the_programme_and_no_others(two: Cast, sign_in: SignIn) -> None:
    page = sign_in("trial_manager").get("/people/").content.decode()
    assert "coordinator@example.org" in page
    assert "outsider@example.org" not in page
    assert "administrator@example.org" not in page
    assert "Lost second factor" not in page


def test_people_are_chosen_by_role(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    page = client.get("/people/", {"role": "researcher"}).content.decode()
    assert "researcher@example.org" in page
    assert "coordinator@example.org" not in page
    assert client.get("/people/", {"role": "nonsense"}).status_code == 200


def form(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        **NEW,
        "role": "coordinator",
        "where": f"partner:{cast.dudley.pk}",
        "team": "",
        "once": once.token(),
    } | changes


def test_invitation_by_the_page(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    answer = client.post("/people/invite/", form(cast), follow=True)
    assert "an invitation is on its way" in answer.content.decode()
    assert User.objects.get(email="new@example.org").grants.get().partner == cast.dudley


def test_double_click_invites_once(cast: Cast, sign_in: SignIn) -> None:
    client, data = sign_in("trial_manager"), form(cast)
    for _ in range(2):
        assert client.post("/people/invite/", data)["Location"] == "/people/"
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"where": ""}, "Choose a programme, a trial or a partner for this role"),
        ({"where": "programme"}, "Choose a partner for this role"),
        ({"role": "researcher"}, "Choose a programme or a trial for this role"),
        ({"role": "team_manager"}, "Enter the team"),
        ({"team": "T01"}, "it is for a team manager only"),
        ({"role": "administrator"}, "Choose one of the answers shown"),
        ({"where": "programme:999"}, "Choose one of the answers shown"),
        ({"email": "x"}, "Enter an e-mail address like"),
        ({"email": "trial_manager@example.org"}, "Nobody gives themselves a role"),
    ],
)
def test_page_says_what_is_wrong_with_an_invitation(
    cast: Cast, sign_in: SignIn, changes: dict[str, str], fault: str
) -> None:
    if changes.get("where") == "programme":
        changes = {"where": f"programme:{cast.programme.pk}"}
    page = sign_in("trial_manager").post("/people/invite/", form(cast, **changes)).content.decode()
    assert fault in page.replace("&#x27;", "'")
    assert not mail.outbox


def test_administrator_invites_an_administrator_for_the_whole_service_only(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in("administrator")
    wrong = form(cast, role="administrator")
    assert "Choose the whole service" in client.post("/people/invite/", wrong).content.decode()
    right = form(cast, role="administrator", where="service")
    assert client.post("/people/invite/", right).status_code == 302


def test_places_on_offer_are_those_within_reach(two: Cast, sign_in: SignIn) -> None:
    page = sign_in("outsider").get("/people/invite/").content.decode()
    other = Programme.objects.get(slug="other")
    assert f"programme:{other.pk}" in page
    assert f"programme:{two.programme.pk}" not in page
    assert "The whole service" not in page
    one = sign_in("of_one_trial").get("/people/invite/").content.decode()
    assert f"trial:{Trial.objects.get(slug='texts').pk}" in one
    assert f"programme:{two.programme.pk}" not in one
    assert not Partner.objects.filter(name__in=[one]).exists()


def test_role_beyond_reach_is_as_if_it_were_not_there(two: Cast, sign_in: SignIn) -> None:
    grant = two["coordinator"].grants.get()
    client = sign_in("outsider")
    assert client.get(f"/people/roles/{grant.pk}/end/").status_code == 404
    assert client.post(f"/people/roles/{grant.pk}/end/").status_code == 404
    assert client.post(f"/people/roles/{grant.pk}/send-again/").status_code == 404
    grant.refresh_from_db()
    assert grant.ended_at is None


def test_role_is_ended_by_the_page_after_asking(cast: Cast, sign_in: SignIn) -> None:
    grant = cast["coordinator"].grants.get()
    client = sign_in("trial_manager")
    page = client.get(f"/people/roles/{grant.pk}/end/").content.decode()
    assert "Coordinator is partner coordinator for Dudley" in page
    assert Grant.objects.get(pk=grant.pk).ended_at is None
    client.post(f"/people/roles/{grant.pk}/end/")
    assert Grant.objects.get(pk=grant.pk).ended_at is not None


def test_last_administrator_is_told_why_not(cast: Cast, sign_in: SignIn) -> None:
    grant = cast["administrator"].grants.get()
    answer = sign_in("administrator").post(f"/people/roles/{grant.pk}/end/")
    assert answer.status_code == 422
    assert "Make somebody else administrator first" in answer.content.decode()


def test_people_are_listed_with_as_many_queries_however_many_they_are(
    cast: Cast, sign_in: SignIn, django_assert_max_num_queries: object
) -> None:
    client = sign_in("administrator")
    client.get("/people/")
    for number in range(30):
        add_person(cast, "coordinator", f"more{number}", cast.dudley)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        client.get("/people/")


def test_account_page_says_roles_in_words(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("team_manager").get("/account/").content.decode()
    assert "Team manager for team T01, Dudley, Light-touch programme" in page
    assert "Your roles need none, but you may add one." in page
