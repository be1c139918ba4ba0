"""Two people at the same moment: one of them is first, and the other is told."""

from collections.abc import Callable

import pytest

from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import actions
from lighttouch.web.protocols.models import Registration, State, Version
from tests.web.cast import NOW, Cast, make_cast
from tests.web.protocols import cases
from tests.web.protocols.cases import TEXT, approved, edit, newest, submitted
from tests.web.together import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> Cast:
    """The cast, where other threads see it."""
    return make_cast()


def test_two_registrations_leave_one(people: Cast) -> None:
    trial = cases.start_trial(people)
    approved(people, trial)

    def register() -> None:
        mine = Trial.objects.get(pk=trial.pk)
        actions.register(trial=mine, by=people["trial_manager"], now=NOW)

    assert refusals(at_once(register, register)) == ["done", "the trial is registered already"]
    assert Registration.objects.count() == 1


def test_two_saves_leave_one_version_and_one_warning(people: Cast) -> None:
    trial = cases.start_trial(people)

    def save(key: str) -> Callable[[], object]:
        return lambda: actions.save_version(
            trial=Trial.objects.get(pk=trial.pk),
            text=f"{TEXT}# of {key}\n",
            note="",
            after=1,
            by=people[key],
            now=NOW,
        )

    outcomes = refusals(at_once(save("researcher"), save("second")))
    assert outcomes == ["done", "version 2 was saved meanwhile"]
    assert Version.objects.filter(trial=trial).count() == 2


def test_approval_and_sending_back_leave_one_verdict(people: Cast) -> None:
    trial = cases.start_trial(people)
    version = submitted(people, trial)

    def mine() -> Version:
        return Version.objects.select_related("trial__programme").get(pk=version.pk)

    outcomes = refusals(
        at_once(
            lambda: actions.approve(version=mine(), by=people["second"], now=NOW),
            lambda: actions.send_back(
                version=mine(), note="No.", by=people["trial_manager"], now=NOW
            ),
        )
    )
    assert outcomes[0] == "done"
    assert outcomes[1].startswith("version 1 is ")
    assert newest(trial).state in (State.APPROVED, State.RETURNED)


def test_one_identifier_goes_to_one_of_two_trials(people: Cast) -> None:
    text = edit(TEXT, ('id = "goal_setting"', 'id = "goals"'))

    def start() -> None:
        cases.start_trial(people, text)

    assert refusals(at_once(start, start)) == ["done", "there is a trial called goals already"]
    assert Trial.objects.filter(slug="goals").count() == 1
