"""The pages of a protocol: what they show, and what they refuse."""

from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols import actions, queries
from lighttouch.web.protocols.models import Registration, State, Version
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import (
    TEXT,
    amended,
    approved,
    edit,
    newest,
    registered,
    start_trial,
    submitted,
)
from tests.web.protocols.pages import FAULTY, OWN, SignIn, new_trial, page, post

LONGER = edit(TEXT, ('delete_after = "', 'delete_after = "1'))


def test_trial_starts_from_any_of_the_library(sign_in: SignIn) -> None:
    shown = page(sign_in("researcher"), "/trials/new/")
    for name in library_names():
        assert f'value="{name}"' in shown
    answer = new_trial(sign_in("researcher"))
    assert answer.headers["Location"] == f"{OWN}edit/"
    assert newest(Trial.objects.get(slug="goal_setting")).text == TEXT


def test_trial_of_the_library_can_have_another_name(sign_in: SignIn) -> None:
    assert new_trial(sign_in("researcher"), slug="goals_2027").status_code == 302
    text = newest(Trial.objects.get(slug="goals_2027")).text
    assert 'id = "goals_2027"' in text


def test_name_that_is_taken_is_said_at_its_field(sign_in: SignIn) -> None:
    answer = new_trial(sign_in("researcher"), start="letters")
    assert answer.status_code == 422
    assert "there is a trial called letters already" in answer.content.decode()
    assert answer.context["form"].errors["slug"]


def test_double_click_starts_one_trial(sign_in: SignIn) -> None:
    client = sign_in("researcher")
    form = {"programme": "programme", "start": "goal_setting", "once": once.token()}
    places = [client.post("/trials/new/", form).headers["Location"] for _ in range(2)]
    assert places == [f"{OWN}edit/"] * 2
    assert Version.objects.count() == 1


def upload(client: Client, content: bytes, **data: Any) -> Any:
    file = SimpleUploadedFile("../../trial.toml", content)
    return new_trial(client, start="file", file=file, **data)


def test_trial_starts_from_an_uploaded_file(sign_in: SignIn) -> None:
    answer = upload(sign_in("researcher"), b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert answer.status_code == 302
    assert newest(Trial.objects.get(slug="goal_setting")).text == TEXT


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (TEXT.encode("utf-16"), "not UTF-8 text"),
        (b"PK\x03\x04\xff\xfe", "not UTF-8 text"),
        (b"#" * 900_000, "too large to be a trial file"),
        (b"#" * 300_000, "over 200,000 characters"),
        (b"", "empty"),
        (b"version = 1\n", "no identifier"),
    ],
)
def test_file_that_is_no_trial_file_is_refused(sign_in: SignIn, content: bytes, fault: str) -> None:
    answer = upload(sign_in("researcher"), content)
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert Trial.objects.count() == 1


def test_upload_too_large_to_read_is_refused_unread(sign_in: SignIn) -> None:
    answer = sign_in("researcher").generic("POST", "/trials/new/", b"", CONTENT_LENGTH="60000000")
    assert answer.status_code == 413


def test_form_of_another_site_starts_no_trial(cast: Cast, sign_in: SignIn) -> None:
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = sign_in("researcher").cookies
    assert new_trial(forged).status_code == 403


def test_text_larger_than_a_form_may_be_is_refused(draft: Trial, sign_in: SignIn) -> None:
    answer = sign_in("researcher").post(f"{OWN}check/", {"text": "#" * 3_000_000})
    assert answer.status_code == 400


def test_own_file_must_be_sent(sign_in: SignIn) -> None:
    answer = new_trial(sign_in("researcher"), start="file")
    assert "Choose the file to send" in answer.content.decode()


def test_nobody_starts_a_trial_in_a_programme_that_is_not_theirs(
    cast: Cast, sign_in: SignIn
) -> None:
    from tests.web.cast import make_programme

    make_programme("another", "elsewhere")
    answer = post(sign_in("researcher"), "/trials/new/", programme="another", start="goal_setting")
    assert answer.status_code == 422
    assert not Trial.objects.filter(slug="goal_setting").exists()


def test_editor_shows_each_line_with_its_number_and_the_faults_beside_it(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    actions.save_version(trial=draft, text=FAULTY, note="", after=1, by=cast["researcher"], now=NOW)
    shown = page(sign_in("researcher"), f"{OWN}edit/")
    line = FAULTY.split("\n").index("version = 2") + 1
    assert f'href="#line-{line}" data-line="{line}"' in shown
    assert f'id="line-{line}" class="pr-wrong"' in shown
    assert f"\n{FAULTY.count(chr(10))}\n" in shown.split("pr-gutter")[1]
    assert "1 fault in the file" in shown


def test_checking_changes_nothing_and_keeps_the_text(draft: Trial, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    answer = client.post(
        f"{OWN}edit/", {"do": "check", "text": FAULTY, "note": "mine", "after": "1"}
    )
    assert answer.status_code == 200
    assert answer.context["text"] == FAULTY
    assert answer.context["note"] == "mine"
    assert "1 fault in the file" in answer.content.decode()
    assert Version.objects.count() == 1


def test_live_check_says_what_the_command_line_says(draft: Trial, sign_in: SignIn) -> None:
    answer = sign_in("researcher").post(f"{OWN}check/", {"text": FAULTY.replace("\n", "\r\n")})
    shown = answer.content.decode()
    assert "<html" not in shown
    assert str(answer.context["checked"].faults[0]).startswith("trial.toml, line ")
    assert "data-line=" in shown
    assert Version.objects.count() == 1


def test_live_check_says_what_a_valid_file_declares(draft: Trial, sign_in: SignIn) -> None:
    shown = sign_in("researcher").post(f"{OWN}check/", {"text": TEXT}).content.decode()
    assert "No fault in the file" in shown
    assert "Arms" in shown


@pytest.mark.parametrize("text", ["", "#" * 300_000, "a." * 40_000 + "a = 1", "a = " + "[" * 9000])
def test_check_of_what_no_trial_file_is_ends_quickly_with_a_fault(
    draft: Trial, sign_in: SignIn, text: str
) -> None:
    answer = sign_in("researcher").post(f"{OWN}check/", {"text": text})
    assert answer.status_code == 200
    assert answer.context["checked"].faults


def test_of_a_thousand_faults_as_many_are_shown_as_on_the_command_line(
    draft: Trial, sign_in: SignIn
) -> None:
    text = (
        TEXT + "\n[nonsense]\n" + "".join(f"k{n} = 1\n" for n in range(3)) + "[[outcomes]]\n" * 50
    )
    answer = sign_in("researcher").post(f"{OWN}check/", {"text": text})
    assert len(answer.context["faults"]) == 40
    assert f"And {answer.context['more_faults']} more" in answer.content.decode()


def test_text_is_shown_as_text_and_never_as_a_page(draft: Trial, sign_in: SignIn) -> None:
    text = 'id = "</textarea><script>alert(1)</script>"\n'
    answer = sign_in("researcher").post(f"{OWN}edit/", {"do": "check", "text": text, "after": "1"})
    assert "<script>alert" not in answer.content.decode()


def test_saving_leads_to_the_protocol_with_the_new_version(draft: Trial, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    answer = post(client, f"{OWN}edit/", do="save", text=LONGER, note="Longer", after="1")
    assert answer.headers["Location"] == OWN
    shown = page(client, OWN)
    assert "Version 2 is saved." in shown
    assert "Longer" in shown


def test_stale_save_keeps_the_text_and_shows_what_changed_meanwhile(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    actions.save_version(trial=draft, text=LONGER, note="", after=1, by=cast["second"], now=NOW)
    mine = TEXT + "# mine\n"
    answer = post(sign_in("researcher"), f"{OWN}edit/", do="save", text=mine, after="1")
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "# mine" in shown
    assert "retention.delete_after changed from" in shown
    assert Version.objects.count() == 2


def test_text_that_cannot_be_kept_is_not_lost(draft: Trial, sign_in: SignIn) -> None:
    answer = post(sign_in("researcher"), f"{OWN}edit/", do="save", text=TEXT, after="1")
    assert answer.status_code == 422
    assert answer.context["text"] == TEXT
    assert "differs from version 1" in answer.content.decode()


def test_new_version_can_start_from_an_older_one(cast: Cast, draft: Trial, sign_in: SignIn) -> None:
    actions.save_version(trial=draft, text=LONGER, note="", after=1, by=cast["second"], now=NOW)
    answer = sign_in("researcher").get(f"{OWN}edit/?from=1")
    assert answer.context["text"] == TEXT
    assert answer.context["after"] == 2
    assert page(sign_in("researcher"), f"{OWN}edit/?from=9", 404)


def test_two_versions_are_compared_in_words_and_line_by_line(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    actions.save_version(trial=draft, text=LONGER, note="", after=1, by=cast["second"], now=NOW)
    shown = page(sign_in("researcher"), f"{OWN}compare/?before=1&after=2")
    assert "retention.delete_after changed from" in shown
    assert shown.count('<tr class="pr-gone">') == shown.count('<tr class="pr-new">') == 1
    assert page(sign_in("researcher"), f"{OWN}compare/?before=x&after=99")


def test_version_with_faults_is_compared_line_by_line_only(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    actions.save_version(trial=draft, text=FAULTY, note="", after=1, by=cast["second"], now=NOW)
    shown = page(sign_in("researcher"), f"{OWN}compare/?before=1&after=2")
    assert "cannot be said in words" in shown
    assert '<tr class="pr-new">' in shown


def test_version_is_read_and_downloaded_as_it_was_saved(draft: Trial, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    assert "Its text" in page(client, f"{OWN}versions/1/")
    answer = client.get(f"{OWN}versions/1/file/")
    assert answer.content.decode() == TEXT
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert page(client, f"{OWN}versions/7/", 404)


def test_submitting_tells_those_who_can_review(
    cast: Cast, draft: Trial, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        post(sign_in("researcher"), f"{OWN}submit/", version="1")
    assert newest(draft).state == State.SUBMITTED
    told = {address for message in mail.outbox for address in message.to}
    assert told == {"trial_manager@example.org", "second@example.org"}
    assert f"{OWN}review/" in mail.outbox[0].body


def test_version_with_faults_cannot_be_submitted_and_says_why(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    actions.save_version(trial=draft, text=FAULTY, note="", after=1, by=cast["researcher"], now=NOW)
    client = sign_in("researcher")
    assert "A version with faults cannot be submitted" in page(client, f"{OWN}submit/")
    answer = post(client, f"{OWN}submit/", version="2")
    assert answer.status_code == 422
    assert "version" in answer.content.decode()
    assert newest(draft).state == State.DRAFT


def test_author_sees_no_button_to_approve_and_is_refused(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    submitted(cast, draft)
    client = sign_in("researcher")
    shown = page(client, f"{OWN}review/")
    assert "so a second person must review it" in shown
    assert "Confirm the decision" not in shown
    answer = post(client, f"{OWN}review/", version="1", verdict="approve")
    assert answer.status_code == 422
    assert newest(draft).state == State.SUBMITTED


def test_second_person_approves_and_the_author_is_told(
    cast: Cast, draft: Trial, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    submitted(cast, draft)
    client = sign_in("second")
    assert "Your decision" in page(client, f"{OWN}review/")
    with django_capture_on_commit_callbacks(execute=True):
        post(client, f"{OWN}review/", version="1", verdict="approve", note="Well done.")
    assert newest(draft).state == State.APPROVED
    approving = [m for m in mail.outbox if "approved" in m.subject]
    assert [m.to for m in approving] == [["researcher@example.org"]]
    assert "Well done." in approving[0].body


def test_sending_back_asks_for_a_note(cast: Cast, draft: Trial, sign_in: SignIn) -> None:
    submitted(cast, draft)
    client = sign_in("second")
    answer = post(client, f"{OWN}review/", version="1", verdict="send_back")
    assert answer.status_code == 422
    assert "Say what must change" in answer.content.decode()
    post(client, f"{OWN}review/", version="1", verdict="send_back", note="Add the partners.")
    assert "Add the partners." in page(sign_in("researcher"), f"{OWN}edit/")


def test_review_of_a_version_that_was_overtaken_is_refused_with_what_changed(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    submitted(cast, draft)
    actions.save_version(trial=draft, text=LONGER, note="", after=1, by=cast["researcher"], now=NOW)
    answer = post(sign_in("second"), f"{OWN}review/", version="1", verdict="approve")
    assert answer.status_code == 409
    assert "retention.delete_after changed" in answer.content.decode()


def test_registering_asks_first_and_then_shows_hash_commitment_and_time(
    cast: Cast, draft: Trial, sign_in: SignIn
) -> None:
    approved(cast, draft)
    client = sign_in("trial_manager")
    before = page(client, f"{OWN}register/")
    assert "This text freezes for good" in before
    assert post(client, f"{OWN}register/", version="1").status_code == 422
    assert not queries.is_registered(draft)
    post(client, f"{OWN}register/", version="1", sure="on")
    made = Registration.objects.get(trial=draft)
    after = page(client, OWN)
    assert made.protocol_sha256 in before
    assert made.protocol_sha256 in after
    assert made.secret_commitment in after
    assert queries.open_secret(draft).hex() not in after


def test_pressing_register_twice_registers_once(cast: Cast, draft: Trial, sign_in: SignIn) -> None:
    approved(cast, draft)
    client = sign_in("trial_manager")
    form = {"version": "1", "sure": "on", "once": once.token()}
    answers = [client.post(f"{OWN}register/", form) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert post(client, f"{OWN}register/", version="1", sure="on").status_code == 422
    assert Registration.objects.count() == 1


def test_nothing_is_registered_without_approval(draft: Trial, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    assert "Nothing is ready to be registered" in page(client, f"{OWN}register/")
    assert post(client, f"{OWN}register/", version="1", sure="on").status_code == 422
    assert Trial.objects.get(pk=draft.pk).stage == Stage.DRAFT


def test_anybody_can_read_a_registered_protocol(cast: Cast, client: Client) -> None:
    made = registered(cast)
    shown = page(client, "/protocols/goal_setting/")
    for words in (
        made.protocol_sha256,
        made.secret_commitment,
        "Analysis plan",
        "Left out before allocation",
    ):
        assert words in shown
    assert "goal_setting" in page(client, "/protocols/")


def test_nobody_reads_a_protocol_that_is_not_registered(draft: Trial, client: Client) -> None:
    assert page(client, "/protocols/goal_setting/", 404)
    assert page(client, "/protocols/goal_setting/registered.toml", 404)
    assert draft.title not in page(client, "/protocols/")


def test_registered_files_are_downloaded_byte_for_byte(cast: Cast, client: Client) -> None:
    trial = registered(cast).trial
    amended(cast, trial, LONGER)
    for name, content in queries.registered_files(trial).items():
        answer = client.get(f"/protocols/goal_setting/{name.removeprefix('protocol/')}")
        assert answer.content == content
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert page(client, "/protocols/goal_setting/secret.key", 404)
    assert page(client, "/protocols/goal_setting/..", 404)


def test_amendment_is_published_with_its_reason_and_what_it_changes(
    cast: Cast, sign_in: SignIn, client: Client
) -> None:
    trial = registered(cast).trial
    author, reviewer = sign_in("researcher"), sign_in("second")
    answer = post(author, f"{OWN}edit/", do="save", text=LONGER, note="", after="1")
    assert "needs a reason" in answer.content.decode()
    post(author, f"{OWN}edit/", do="save", text=LONGER, note="The archive needs it.", after="1")
    post(author, f"{OWN}submit/", version="2")
    shown = page(reviewer, f"{OWN}review/")
    assert "The archive needs it." in shown
    assert "What it changes in the protocol in force" in shown
    post(reviewer, f"{OWN}review/", version="2", verdict="approve")
    assert "retention.delete_after changed" in page(reviewer, f"{OWN}amend/")
    post(reviewer, f"{OWN}amend/", version="2", sure="on")
    public = page(client, "/protocols/goal_setting/")
    assert "The archive needs it." in public
    assert "retention.delete_after changed from" in public
    assert queries.text_in_force(trial) == LONGER


def test_every_protocol_of_the_library_has_a_public_page(cast: Cast, client: Client) -> None:
    for name in library_names():
        if name == "letters":  # the cast's own trial has no text
            continue
        trial = start_trial(cast, library_text(name))
        approved(cast, trial)
        actions.register(trial=trial, by=cast["trial_manager"], now=NOW)
        assert "Proof and downloads" in page(client, f"/protocols/{name}/")


def test_reading_a_protocol_takes_few_queries(
    cast: Cast, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    registered(cast)
    client = sign_in("researcher")
    with django_assert_max_num_queries(16):
        page(client, OWN)
