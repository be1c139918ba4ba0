"""No protocol is approved by those who wrote or submitted it."""

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import ProtocolError
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import actions
from lighttouch.web.protocols.models import State, Version
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import TEXT, approved, edit, newest, submitted


def save(cast: Cast, trial: Trial, text: str) -> Version:
    return actions.save_version(
        trial=trial,
        text=text,
        note="",
        after=newest(trial).number,
        by=cast["researcher"],
        now=NOW,
    )


def test_second_person_approves_what_was_submitted(cast: Cast, draft: Trial) -> None:
    version = approved(cast, draft)
    assert (version.state, version.reviewed_by) == (State.APPROVED, cast["second"])
    acts = Event.objects.filter(act__startswith="protocol")
    assert [e.act for e in acts][-2:] == ["protocol.submitted", "protocol.approved"]


@pytest.mark.parametrize("reviewer", ["researcher", "trial_manager"])
def test_neither_author_nor_submitter_reviews(cast: Cast, draft: Trial, reviewer: str) -> None:
    version = actions.submit(version=newest(draft), by=cast["trial_manager"], now=NOW)
    with pytest.raises(ProtocolError, match="nobody reviews a version they wrote or submitted"):
        actions.approve(version=version, by=cast[reviewer], now=NOW)
    with pytest.raises(ProtocolError, match="nobody reviews"):
        actions.send_back(version=version, note="No.", by=cast[reviewer], now=NOW)
    assert newest(draft).state == State.SUBMITTED


@pytest.mark.parametrize("reviewer", ["researcher", "trial_manager"])
def test_database_refuses_a_review_by_author_or_submitter(
    cast: Cast, draft: Trial, reviewer: str
) -> None:
    actions.submit(version=newest(draft), by=cast["trial_manager"], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(trial=draft).update(
            state="approved", reviewed_by=cast[reviewer], reviewed_at=NOW
        )


def test_database_refuses_an_approval_without_submission(cast: Cast, draft: Trial) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(trial=draft).update(
            state="approved", reviewed_by=cast["second"], reviewed_at=NOW
        )


def test_version_with_faults_is_not_submitted(cast: Cast, draft: Trial) -> None:
    version = save(cast, draft, edit(TEXT, ("version = 1", "version = 2")))
    with pytest.raises(ProtocolError) as caught:
        actions.submit(version=version, by=cast["researcher"], now=NOW)
    assert caught.value.faults[0].where.startswith("trial.toml, line ")
    assert newest(draft).state == State.DRAFT


def test_file_of_another_trial_is_not_submitted(cast: Cast, draft: Trial) -> None:
    version = save(cast, draft, edit(TEXT, ('id = "goal_setting"', 'id = "other"')))
    with pytest.raises(ProtocolError, match="the identifier is other, and this trial is"):
        actions.submit(version=version, by=cast["researcher"], now=NOW)


def test_sending_back_needs_a_note_and_leaves_the_way_to_a_new_version(
    cast: Cast, draft: Trial
) -> None:
    version = submitted(cast, draft)
    with pytest.raises(ProtocolError, match="nothing says what to change"):
        actions.send_back(version=version, note=" ", by=cast["second"], now=NOW)
    actions.send_back(version=version, note="Say who is left out.", by=cast["second"], now=NOW)
    assert newest(draft).state == State.RETURNED
    with pytest.raises(ProtocolError, match="sent back"):
        actions.submit(version=version, by=cast["researcher"], now=NOW)
    save(cast, draft, TEXT + "# mended\n")
    assert submitted(cast, draft).state == State.SUBMITTED


def test_review_of_a_version_that_is_not_the_newest_is_refused(cast: Cast, draft: Trial) -> None:
    version = submitted(cast, draft)
    save(cast, draft, TEXT + "# later\n")
    with pytest.raises(actions.MovedOnError):
        actions.approve(version=version, by=cast["second"], now=NOW)


def test_version_is_reviewed_once(cast: Cast, draft: Trial) -> None:
    version = approved(cast, draft)
    with pytest.raises(ProtocolError, match="version 1 is approved"):
        actions.send_back(version=version, note="Wait.", by=cast["second"], now=NOW)


def test_database_refuses_a_version_sent_back_without_a_note(cast: Cast, draft: Trial) -> None:
    submitted(cast, draft)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(trial=draft).update(
            state="returned", reviewed_by=cast["second"], reviewed_at=NOW
        )
