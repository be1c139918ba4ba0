"""What is registered is frozen, hashed, committed to, and exactly what the core writes."""

import logging
import re
from collections import defaultdict
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

import lighttouch.web
from lighttouch.core.errors import ArchiveError, InputError, ProtocolError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.registering import (
    amend_trial,
    commit_secret,
    read_registration,
    read_text_in_force,
    register_trial,
)
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Participation, Partner, Stage, Trial
from lighttouch.web.protocols import actions, queries
from lighttouch.web.protocols.models import Amendment, Registration, State
from lighttouch.web.storage.models import StoredFile
from tests.web.cast import NOW, Cast
from tests.web.protocols import cases
from tests.web.protocols.cases import LATER, SECRET, TEXT, amended, approved, edit, newest

LONGER = edit(TEXT, ('delete_after = "', 'delete_after = "1'))


def test_registering_freezes_hashes_and_commits(cast: Cast) -> None:
    made = cases.registered(cast)
    trial = Trial.objects.get(pk=made.trial_id)
    assert trial.stage == Stage.REGISTERED
    assert made.protocol_sha256 == protocol_sha256(TEXT)
    assert made.secret_commitment == commit_secret(SECRET)
    assert newest(trial).state == State.REGISTERED
    assert queries.is_registered(trial)
    assert queries.text_in_force(trial) == TEXT
    assert queries.declared(trial).id == "goal_setting"
    event = Event.objects.get(act="protocol.registered")
    assert event.details["sha256"] == made.protocol_sha256


def test_registered_files_are_byte_for_byte_what_the_core_writes(
    cast: Cast, registered: Trial, tmp_path: Path
) -> None:
    register_trial(TEXT, folder=tmp_path / "s", secret=SECRET, now=NOW)
    amended(cast, registered, LONGER)
    amend_trial(LONGER, folder=tmp_path / "s", now=LATER, reason="Late returns.")
    written = {
        f"protocol/{path.name}": path.read_bytes() for path in (tmp_path / "s/protocol").iterdir()
    }
    assert queries.registered_files(registered) == written


def test_core_reads_the_registered_files_back(
    cast: Cast, registered: Trial, tmp_path: Path
) -> None:
    amended(cast, registered, LONGER)
    for name, content in queries.registered_files(registered).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert read_registration(tmp_path).amendments[0].reason == "Late returns."
    assert read_text_in_force(tmp_path) == LONGER == queries.text_in_force(registered)


def test_only_the_newest_approved_version_is_registered(cast: Cast, draft: Trial) -> None:
    approved(cast, draft)
    actions.save_version(
        trial=draft, text=TEXT + "# more\n", note="", after=1, by=cast["researcher"], now=NOW
    )
    with pytest.raises(ProtocolError, match="version 2 is draft"):
        actions.register(trial=draft, by=cast["trial_manager"], now=NOW)
    assert not queries.is_registered(draft)


def test_trial_is_registered_once(cast: Cast, registered: Trial) -> None:
    with pytest.raises(ProtocolError, match="registered already"):
        actions.register(trial=registered, by=cast["trial_manager"], now=NOW)


def test_partners_of_the_trial_become_those_its_file_recruits(cast: Cast) -> None:
    trial = cases.start_trial(cast)
    extra = Partner.objects.create(programme=cast.programme, code="elsewhere", name="Elsewhere")
    Participation.objects.create(trial=trial, partner=extra)
    approved(cast, trial)
    actions.register(trial=trial, by=cast["trial_manager"], now=NOW)
    recruited = {
        p.id for p in queries.declared(trial).population.partners if p.status == "recruited"
    }
    assert recruited
    assert {p.partner.code for p in trial.participations.all()} == recruited


def test_each_registration_has_a_secret_of_its_own(cast: Cast) -> None:
    one = cases.start_trial(cast)
    other = cases.start_trial(cast, edit(TEXT, ('id = "goal_setting"', 'id = "goals_again"')))
    for trial in (one, other):
        approved(cast, trial)
        actions.register(trial=trial, by=cast["trial_manager"], now=NOW)
    secrets = {queries.open_secret(trial) for trial in (one, other)}
    assert len(secrets) == 2
    assert all(len(secret) == 32 for secret in secrets)


def test_secret_is_nowhere_in_the_open(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = cases.registered(cast)
    told = "".join([str(vars(made)), caplog.text, *(str(e.details) for e in Event.objects.all())])
    files = b"".join(bytes(f.content) for f in StoredFile.objects.all())
    assert SECRET.hex() not in told
    assert str(SECRET) not in told
    assert SECRET.hex().encode() not in files
    assert SECRET not in files
    assert SECRET not in bytes(made.sealed_secret)


def test_secret_opens_with_an_older_key_of_the_vault(cast: Cast, settings: Settings) -> None:
    trial = cases.registered(cast).trial
    settings.VAULT_KEYS = (Fernet.generate_key().decode(), *settings.VAULT_KEYS)
    assert queries.open_secret(trial) == SECRET
    settings.VAULT_KEYS = settings.VAULT_KEYS[:1]
    with pytest.raises(InputError, match="no key opens the allocation secret"):
        queries.open_secret(trial)


def test_secret_other_than_the_one_committed_to_is_refused(cast: Cast) -> None:
    from lighttouch.web.protocols.sealing import seal

    made = cases.registered(cast)
    Registration.objects.filter(pk=made.pk).update(sealed_secret=seal(bytes(32)))
    with pytest.raises(ArchiveError, match="not the one committed to"):
        queries.open_secret(made.trial)


def stages_with(words: str) -> dict[str, str]:
    """The stages of the platform whose code has such words, and their code."""
    root = Path(lighttouch.web.__file__).parent
    found: defaultdict[str, str] = defaultdict(str)
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if re.search(words, text):
            found[path.relative_to(root).parts[0]] += text
    return found


def test_only_allocation_opens_the_secret() -> None:
    assert set(stages_with(r"\bopen_secret\b")) == {"protocols", "allocation"}
    sealing = stages_with(r"\bsealed_secret\b|protocols\.sealing")
    assert set(sealing) <= {"protocols", "allocation", "prizes"}
    own = re.findall(r"(\w+)\.sealed_secret", sealing["prizes"])
    assert set(own) == {"prize"}, "a draw of prizes opens its own secret and no other"
    assert "protocols.models" not in sealing["prizes"]
    here = Path(lighttouch.web.__file__).parent.glob("protocols/**/*.py")
    opening = [path.name for path in here if "open_secret" in path.read_text(encoding="utf-8")]
    assert opening == ["queries.py"]


@pytest.mark.parametrize(
    "change", [{"protocol_sha256": "0" * 64}, {"registered_at": LATER}, {"secret_commitment": "x"}]
)
def test_database_refuses_to_change_a_registration(
    registered: Trial, change: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Registration.objects.filter(trial=registered).update(**change)


def test_database_refuses_to_change_an_amendment(cast: Cast, registered: Trial) -> None:
    amended(cast, registered, LONGER)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Amendment.objects.update(reason="Another.")


def test_altered_text_is_found_when_it_is_read(registered: Trial) -> None:
    stored = Registration.objects.get(trial=registered).text
    other = TEXT.encode() + b"# more\n"
    StoredFile.objects.filter(pk=stored.pk).update(content=other)
    with pytest.raises(ArchiveError, match="altered"):
        queries.text_in_force(registered)


def test_text_replaced_together_with_its_own_hash_is_found_all_the_same(
    registered: Trial,
) -> None:
    import hashlib

    stored = Registration.objects.get(trial=registered).text
    other = TEXT.encode() + b"# more\n"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE storage_storedfile SET content = %s, sha256 = %s WHERE id = %s",
            [other, hashlib.sha256(other).hexdigest(), stored.pk],
        )
    with pytest.raises(ArchiveError, match="altered after its registration"):
        queries.registered_files(registered)


def test_nothing_is_in_force_before_registration(draft: Trial) -> None:
    with pytest.raises(ProtocolError, match="not registered"):
        queries.text_in_force(draft)
