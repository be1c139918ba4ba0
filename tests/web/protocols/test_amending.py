"""A registered protocol changes only by an amendment with a reason and a second person."""

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import ProtocolError
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import actions, queries
from lighttouch.web.protocols.models import Amendment
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import LATER, TEXT, amended, approved, edit, newest

LONGER = edit(TEXT, ('delete_after = "', 'delete_after = "1'))
LONGEST = edit(TEXT, ('delete_after = "', 'delete_after = "2'))


def save(cast: Cast, trial: Trial, text: str, note: str = "Late returns.") -> None:
    actions.save_version(
        trial=trial,
        text=text,
        note=note,
        after=newest(trial).number,
        by=cast["researcher"],
        now=LATER,
    )


def test_amendment_is_in_force_and_the_registered_text_stays(cast: Cast, registered: Trial) -> None:
    amended(cast, registered, LONGER)
    assert queries.text_in_force(registered) == LONGER
    files = queries.registered_files(registered)
    assert files["protocol/registered.toml"].decode() == TEXT
    assert files["protocol/amendment-01.toml"].decode() == LONGER


def test_second_amendment_follows_the_first(cast: Cast, registered: Trial) -> None:
    amended(cast, registered, LONGER)
    amended(cast, registered, LONGEST, reason="Longer still.")
    assert queries.text_in_force(registered) == LONGEST
    record = queries.registration_record(queries.find_registration(registered))
    assert [a.reason for a in record.amendments] == ["Late returns.", "Longer still."]


def test_change_after_registration_needs_a_reason(cast: Cast, registered: Trial) -> None:
    with pytest.raises(ProtocolError, match="needs a reason"):
        save(cast, registered, LONGER, note=" ")


def test_amendment_needs_a_reason(cast: Cast, registered: Trial) -> None:
    save(cast, registered, LONGER)
    version = approved(cast, registered)
    with pytest.raises(ProtocolError, match="needs a reason"):
        actions.amend(
            trial=registered, version=version, reason="", by=cast["trial_manager"], now=LATER
        )
    assert Amendment.objects.count() == 0


def test_amendment_needs_a_second_person(cast: Cast, registered: Trial) -> None:
    save(cast, registered, LONGER)
    with pytest.raises(ProtocolError, match="version 2 is draft"):
        actions.amend(
            trial=registered,
            version=newest(registered),
            reason="Late.",
            by=cast["trial_manager"],
            now=LATER,
        )


def test_amendment_belongs_to_a_registered_trial(cast: Cast, draft: Trial) -> None:
    version = approved(cast, draft)
    with pytest.raises(ProtocolError, match="not registered"):
        actions.amend(
            trial=draft, version=version, reason="Late.", by=cast["trial_manager"], now=NOW
        )


def test_amendment_of_another_trial_is_refused(cast: Cast, registered: Trial) -> None:
    from lighttouch.core.protocol.library import library_text
    from tests.web.protocols.cases import start_trial

    other = start_trial(cast, library_text("coffee"))
    version = approved(cast, other)
    with pytest.raises(ProtocolError, match="another trial"):
        actions.amend(
            trial=registered, version=version, reason="Late.", by=cast["trial_manager"], now=LATER
        )


def test_comment_alone_is_an_amendment_the_core_sees(cast: Cast, registered: Trial) -> None:
    amended(cast, registered, TEXT + "# a word more\n")
    assert queries.text_in_force(registered).endswith("# a word more\n")


def test_amendment_adds_the_partner_it_recruits(cast: Cast, registered: Trial) -> None:
    more = edit(
        TEXT,
        (
            "[[population.partners]]",
            '[[population.partners]]\nid = "newham"\nname = "Newham"\n\n[[population.partners]]',
        ),
    )
    amended(cast, registered, more)
    assert registered.participations.filter(partner__code="newham").exists()


def test_database_refuses_an_amendment_without_a_reason(cast: Cast, registered: Trial) -> None:
    version = amended(cast, registered, LONGER)
    first = Amendment.objects.get(version=version)
    save(cast, registered, LONGEST)
    first.pk, first.number, first.reason, first.version = None, 2, "", newest(registered)
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)
