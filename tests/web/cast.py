"""The cast of the tests: one programme, two partners of its trial, and one person per role."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.programmes.models import Participation, Partner, Programme, Trial

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""A Monday morning."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything; ``dudley`` is the coordinator's own partner, ``shropshire`` not."""

    programme: Programme
    trial: Trial
    dudley: Partner
    shropshire: Partner
    people: dict[str, User]

    def __getitem__(self, role: str) -> User:
        return self.people[role]


def make_programme(slug: str = "programme", trial: str = "letters") -> Cast:
    """Make a programme with a trial, its partners and no people."""
    programme = Programme.objects.create(slug=slug, title="Light-touch programme", created_at=NOW)
    study = Trial.objects.create(
        programme=programme, slug=trial, title="Letters of recognition", created_at=NOW
    )
    partners = [
        Partner.objects.create(programme=programme, code=code, name=name)
        for code, name in (
            ("dudley", "Dudley"),
            ("shropshire", "Shropshire"),
            ("bracknell_forest", "Bracknell Forest"),
        )
    ]
    for partner in partners:
        Participation.objects.create(trial=study, partner=partner)
    return Cast(programme, study, partners[0], partners[1], {})


def add_person(cast: Cast, role: str, key: str, partner: Partner | None = None) -> User:
    """Give the cast one more person with a role."""
    user = User.objects.create(email=f"{key}@example.org", name=key.title(), created_at=NOW)
    scoped = role != Role.ADMINISTRATOR
    Grant.objects.create(
        user=user,
        role=role,
        programme=cast.programme if scoped else None,
        partner=partner,
        team="T01" if role == Role.TEAM_MANAGER else "",
        granted_at=NOW,
    )
    cast.people[key] = user
    return user


def make_cast() -> Cast:
    """Make the programme and one person per role.

    ``stranger`` is the coordinator of another partner; ``second`` a second trial manager.
    """
    cast = make_programme()
    for role in (Role.ADMINISTRATOR, Role.TRIAL_MANAGER, Role.RESEARCHER, Role.RANDOMISER):
        add_person(cast, role, role.value)
    add_person(cast, Role.TRIAL_MANAGER, "second")
    add_person(cast, Role.COORDINATOR, "coordinator", cast.dudley)
    add_person(cast, Role.COORDINATOR, "stranger", cast.shropshire)
    add_person(cast, Role.TEAM_MANAGER, "team_manager", cast.dudley)
    return cast
