"""The pages of the builder, as somebody without scripts uses them."""

import re

import pytest
from django.test import Client

from lighttouch.web.audit import once
from lighttouch.web.questionnaires import actions
from lighttouch.web.questionnaires.building import read_draft
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.previewing import frame_sheet, preview_of
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.protocols.cases import approved, start_trial
from tests.web.questionnaires.test_building import NAME, built
from tests.web.ui.markup import read

ALL = "/trials/goal_setting/protocol/questionnaires/"
OWN = f"{ALL}{NAME}/"


@pytest.fixture
def draft(cast: Cast) -> Draft:
    trial = start_trial(cast)
    return actions.start(trial=trial, name=NAME, built=built(), by=cast["researcher"], now=NOW)


@pytest.fixture
def researcher(draft: Draft, sign_in: SignIn) -> Client:
    return sign_in("researcher")


def send(client: Client, path: str, **fields: str | int) -> int:
    return client.post(path, {"once": once.token(), **fields}).status_code


def instruments() -> list[str]:
    return [entry.instrument for entry in read_draft(Draft.objects.get()).entries]


def test_a_questionnaire_is_put_together_without_scripts(researcher: Client) -> None:
    assert send(researcher, OWN, revision=1, up=1) == 302
    assert instruments()[:2] == ["cantril_ladder", "life_happiness"]
    assert send(researcher, f"{OWN}library/", revision=2, add="prosocial_impact") == 302
    assert instruments()[-1] == "prosocial_impact"
    asked: dict[str, str | int] = {"revision": 3, "words": "Why?\nSince when?", "kind": "free_text"}
    assert send(researcher, f"{OWN}question/", **asked) == 302
    assert instruments()[-1] == "why"
    place = len(instruments()) - 1
    assert send(researcher, OWN, revision=4, remove=place) == 302
    assert "why" not in instruments()
    told: dict[str, str | int] = {
        "revision": 5,
        "title": "Work",
        "minutes": "",
        "waves": "baseline",
    }
    assert send(researcher, f"{OWN}describe/", **told) == 302
    assert Draft.objects.get().waves == ["baseline"]


def test_who_is_slower_gets_back_what_was_typed(researcher: Client) -> None:
    assert send(researcher, OWN, revision=1, remove=0) == 302
    fields = {"once": once.token(), "revision": 1, "words": "Why so slow?", "kind": "free_text"}
    answer = researcher.post(f"{OWN}question/", fields)
    assert answer.status_code == 409
    assert "Why so slow?" in answer.content.decode()


def test_a_fault_of_the_file_is_shown_before_it_is_saved(
    researcher: Client, draft: Draft, cast: Cast
) -> None:
    bare = built().remove(0)
    actions.change(draft=draft, built=bare, revision=1, by=cast["researcher"], now=NOW)
    page = researcher.get(f"{OWN}write/").content.decode()
    assert "does not ask life_happiness at endline" in page


def test_what_is_registered_is_read_and_not_changed(
    cast: Cast, researcher: Client, draft: Draft
) -> None:
    from lighttouch.web.protocols.actions import register

    approved(cast, draft.trial)
    register(trial=draft.trial, by=cast["trial_manager"], now=NOW, secret=bytes(32))
    for path in (ALL, OWN, f"{OWN}describe/", f"{OWN}question/", f"{OWN}write/", f"{OWN}discard/"):
        page = read(researcher.get(path).content.decode())
        assert "A change is an amendment" in page.text
        assert not page.all("input", name="once"), path
    assert send(researcher, OWN, revision=1, remove=0) == 422
    assert Draft.objects.get().revision == 1
    assert researcher.get(f"{OWN}preview/").status_code == 200


def test_the_preview_of_an_arm_has_what_it_is_asked_and_no_more(researcher: Client) -> None:
    pages = {
        arm: researcher.get(f"{OWN}preview/?arm={arm}&wave=endline").content.decode()
        for arm in ("programme", "control", "nobody")
    }
    words = "Did you keep the &quot;slot&quot;?"
    assert words in pages["programme"]
    assert words not in pages["control"]
    assert words in pages["nobody"]  # no such arm: everybody, with all that only some are asked
    assert len(preview_of(built(), arm="control")) == len(built().entries) - 1


def test_the_frames_have_the_rules_of_the_survey_by_their_own_width(researcher: Client) -> None:
    assert "@container (min-width:" in frame_sheet()
    assert not re.search(r"@media \((min|max)-width", frame_sheet())
    answer = researcher.get(f"{ALL}preview.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


def test_a_questionnaire_is_taken_along_as_toml(researcher: Client) -> None:
    answer = researcher.get(f"{OWN}file/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{NAME}.toml"'
    assert b"[[questionnaires]]" in answer.content
