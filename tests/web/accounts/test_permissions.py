"""Each right, for each role, in each scope: one table, and nothing beyond it."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.permissions import (
    AFTER_UNBLINDING,
    RIGHTS,
    SECOND_FACTOR,
    Right,
    Scope,
    find_scope,
    has_right,
    partners_with,
    requires,
    signed_in,
    trials_with,
)
from lighttouch.web.programmes.models import Participation, Partner, Trial
from tests.web.cast import NOW, Cast, make_programme

IN_PROGRAMME = (Role.TRIAL_MANAGER, Role.RESEARCHER, Role.RANDOMISER)
AT_PARTNER = (Role.COORDINATOR, Role.TEAM_MANAGER)


class World:
    """Two programmes; the first has two trials and two partners, who both take part in both."""

    def __init__(self) -> None:
        self.here = make_programme("here", "letters")
        self.there = make_programme("there", "other_letters")
        self.second = Trial.objects.create(
            programme=self.here.programme, slug="texts", title="Texts", created_at=NOW
        )
        for partner in (self.here.dudley, self.here.shropshire):
            Participation.objects.create(trial=self.second, partner=partner)

    def scopes(self) -> dict[str, Scope]:
        here, there = self.here, self.there
        return {
            "programme": Scope(here.programme),
            "trial": Scope(here.programme, here.trial),
            "second trial": Scope(here.programme, self.second),
            "partner": Scope(here.programme, None, here.dudley),
            "other partner": Scope(here.programme, None, here.shropshire),
            "partner in trial": Scope(here.programme, here.trial, here.dudley),
            "partner in second trial": Scope(here.programme, self.second, here.dudley),
            "other partner in trial": Scope(here.programme, here.trial, here.shropshire),
            "other programme": Scope(there.programme),
            "other programme's trial": Scope(there.programme, there.trial),
            "same partner elsewhere": Scope(there.programme, there.trial, there.dudley),
        }


EVERYWHERE = frozenset(
    {
        "programme",
        "trial",
        "second trial",
        "partner",
        "other partner",
        "partner in trial",
        "partner in second trial",
        "other partner in trial",
    }
)
COVERED: dict[tuple[str, bool], frozenset[str]] = {
    ("programme role", False): EVERYWHERE,
    ("programme role", True): frozenset({"trial", "partner in trial", "other partner in trial"}),
    ("partner role", False): frozenset({"partner", "partner in trial", "partner in second trial"}),
    ("partner role", True): frozenset({"partner in trial"}),
}
"""Where a role holds: by kind of role, and whether it is for one trial only."""


def person_with(world: World, role: Role, *, one_trial: bool = False) -> User:
    user = User.objects.create(email=f"{role}@example.org", name="Somebody", created_at=NOW)
    scoped = role != Role.ADMINISTRATOR
    Grant.objects.create(
        user=user,
        role=role,
        programme=world.here.programme if scoped else None,
        trial=world.here.trial if one_trial else None,
        partner=world.here.dudley if role in AT_PARTNER else None,
        team="T01" if role == Role.TEAM_MANAGER else "",
        granted_at=NOW,
    )
    return user


@pytest.mark.django_db
@pytest.mark.parametrize("one_trial", [False, True])
@pytest.mark.parametrize("role", [*IN_PROGRAMME, *AT_PARTNER])
def test_role_has_its_rights_where_it_holds_and_nowhere_else(role: Role, one_trial: bool) -> None:
    world = World()
    user = person_with(world, role, one_trial=one_trial)
    kind = "partner role" if role in AT_PARTNER else "programme role"
    late = AFTER_UNBLINDING.get(role, frozenset())
    for right, (name, scope) in product(Right, world.scopes().items()):
        expected = right in RIGHTS[role] and name in COVERED[kind, one_trial] and right not in late
        assert has_right(user, right, scope) == expected, (right, name)


@pytest.mark.django_db
def test_administrator_has_the_rights_of_the_service_anywhere_and_no_other() -> None:
    world = World()
    user = person_with(world, Role.ADMINISTRATOR)
    for right, scope in product(Right, [None, *world.scopes().values()]):
        assert has_right(user, right, scope) == (right in RIGHTS[Role.ADMINISTRATOR])


def test_administrator_has_no_right_to_anything_about_a_trial_but_its_log() -> None:
    assert RIGHTS[Role.ADMINISTRATOR] == {
        Right.RUN_SERVICE,
        Right.MANAGE_ACCOUNTS,
        Right.INVITE,
        Right.READ_AUDIT,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(AFTER_UNBLINDING))
def test_results_open_with_unblinding_in_that_trial_only(role: Role) -> None:
    world = World()
    user = person_with(world, role)
    world.here.trial.unblinded_at = NOW
    for right in AFTER_UNBLINDING[role]:
        covered = {name for name, scope in world.scopes().items() if has_right(user, right, scope)}
        assert covered == {"trial", "partner in trial", "other partner in trial"}, right


def test_rights_that_wait_for_unblinding_are_rights_of_the_role() -> None:
    assert all(rights <= RIGHTS[role] for role, rights in AFTER_UNBLINDING.items())


def test_every_role_has_rights_and_every_right_somebody() -> None:
    assert set(RIGHTS) == set(Role)
    assert {right for rights in RIGHTS.values() for right in rights} == set(Right)


def test_nobody_below_the_research_team_may_see_results_or_change_a_protocol() -> None:
    forbidden = {
        Right.READ_RESULTS,
        Right.SEE_ARMS,
        Right.SEE_BALANCE,
        Right.EXPORT_ARCHIVE,
        Right.WRITE_PROTOCOL,
        Right.REGISTER_PROTOCOL,
        Right.INVITE,
        Right.READ_AUDIT,
    }
    for role in (*AT_PARTNER, Role.RANDOMISER):
        assert not RIGHTS[role] & forbidden, role


def test_only_coordinators_hold_the_contacts_of_a_partner() -> None:
    assert [role for role in Role if Right.MANAGE_CONTACTS in RIGHTS[role]] == [Role.COORDINATOR]


def test_roles_without_a_second_factor_are_those_at_partners() -> None:
    assert set(Role) - SECOND_FACTOR == set(AT_PARTNER)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_role_that_ended_gives_nothing(role: Role) -> None:
    world = World()
    user = person_with(world, role)
    Grant.objects.update(ended_at=NOW)
    for right, scope in product(Right, [None, *world.scopes().values()]):
        assert not has_right(user, right, scope)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(roles=st.lists(st.sampled_from([*IN_PROGRAMME, *AT_PARTNER]), unique=True, max_size=4))
def test_several_roles_together_give_what_each_gives_and_no_more(roles: list[Role]) -> None:
    world = World() if not Trial.objects.exists() else _world_again()
    Grant.objects.all().delete()
    User.objects.all().delete()
    alone = [person_with(world, role) for role in roles]
    everything = User.objects.create(email="all@example.org", name="All", created_at=NOW)
    for grant in Grant.objects.all():
        grant.pk, grant.user = None, everything
        grant.save()
    for right, scope in product(Right, world.scopes().values()):
        each = [has_right(user, right, scope) for user in alone]
        assert has_right(everything, right, scope) == any(each)


def _world_again() -> World:
    world = object.__new__(World)
    world.here, world.there = _programme("here"), _programme("there")
    world.second = Trial.objects.get(slug="texts")
    return world


def _programme(slug: str) -> Cast:
    partners = Partner.objects.filter(programme__slug=slug).select_related("programme")
    dudley, shropshire = (partners.get(code=code) for code in ("dudley", "shropshire"))
    trial = Trial.objects.filter(programme__slug=slug).exclude(slug="texts").get()
    return Cast(dudley.programme, trial, dudley, shropshire, {})


@pytest.mark.django_db
def test_coordinator_of_two_partners_in_two_trials_finds_both() -> None:
    world = World()
    user = User.objects.create(email="two@example.org", name="Two", created_at=NOW)
    for trial, partner in (
        (world.here.trial, world.here.dudley),
        (world.second, world.here.shropshire),
    ):
        Grant.objects.create(
            user=user,
            role=Role.COORDINATOR,
            programme=world.here.programme,
            trial=trial,
            partner=partner,
            granted_at=NOW,
        )
    assert trials_with(user, Right.SEND_RETURN) == [world.here.trial, world.second]
    assert partners_with(user, Right.SEND_RETURN, world.here.trial) == [world.here.dudley]
    assert partners_with(user, Right.SEND_RETURN, world.second) == [world.here.shropshire]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "right", "found"),
    [
        (Role.TRIAL_MANAGER, Right.SEE_OVERVIEW, ["letters", "texts"]),
        (Role.RANDOMISER, Right.RANDOMISE, ["letters", "texts"]),
        (Role.COORDINATOR, Right.SEND_RETURN, ["letters", "texts"]),
        (Role.COORDINATOR, Right.SEE_OVERVIEW, []),
        (Role.RESEARCHER, Right.READ_RESULTS, []),
        (Role.ADMINISTRATOR, Right.SEE_OVERVIEW, []),
    ],
)
def test_trials_somebody_meets_are_those_of_their_right(
    role: Role, right: Right, found: list[str]
) -> None:
    user = person_with(World(), role)
    assert [trial.slug for trial in trials_with(user, right)] == found


def call(
    view: Callable[..., HttpResponse], user: User | None, **where: str
) -> tuple[HttpRequest, HttpResponse]:
    request = RequestFactory().get("/somewhere/")
    request.user = user or AnonymousUser()
    return request, view(request, **where)


@requires(Right.SEND_RETURN)
def send_return(_request: HttpRequest, **_where: str) -> HttpResponse:
    return HttpResponse("sent")


def test_view_gets_the_scope_its_address_names(cast: Cast) -> None:
    request, answer = call(send_return, cast["coordinator"], trial="letters", partner="dudley")
    scope: Any = request.scope  # type: ignore[attr-defined]
    assert answer.content == b"sent"
    assert (scope.programme, scope.trial, scope.partner) == (
        cast.programme,
        cast.trial,
        cast.dudley,
    )


@pytest.mark.parametrize("key", ["stranger", "trial_manager", "researcher", "administrator"])
def test_view_turns_away_whoever_lacks_the_right_there(cast: Cast, key: str) -> None:
    with pytest.raises(PermissionDenied):
        call(send_return, cast[key], trial="letters", partner="dudley")


def test_view_sends_whoever_is_not_signed_in_to_sign_in(cast: Cast) -> None:
    _, answer = call(send_return, None, trial="letters", partner="dudley")
    assert answer["Location"] == "/sign-in/?next=/somewhere/"


@pytest.mark.parametrize(
    "where",
    [
        {"trial": "nothing"},
        {"programme": "nothing"},
        {"trial": "letters", "partner": "nothing"},
        {"trial": "letters", "partner": "elsewhere"},
        {"programme": "programme", "partner": "not_here"},
    ],
)
def test_address_of_nothing_is_not_found(cast: Cast, where: dict[str, str]) -> None:
    other = make_programme("other", "other_trial")
    Partner.objects.create(programme=other.programme, code="not_here", name="Not here")
    Partner.objects.create(programme=cast.programme, code="elsewhere", name="In no trial")
    with pytest.raises(Http404):
        find_scope(where)


def test_page_for_anybody_signed_in_asks_nobody_else_in(cast: Cast) -> None:
    @signed_in
    def page(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("here")

    assert call(page, cast["team_manager"])[1].content == b"here"
    assert call(page, None)[1].status_code == 302
