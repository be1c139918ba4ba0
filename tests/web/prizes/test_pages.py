"""The pages of prizes: the winner's partner is told, anybody can check, nobody else is named."""

from datetime import date

from django.test import Client

from lighttouch.web.prizes.models import Draw, Prize
from lighttouch.web.surveys.models import Survey, Window
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.prizes.cases import answer, close, people_of

PAGE = "/trials/letters/surveys/baseline/prize/"
FAR_AWAY = date(2099, 1, 1)
PUBLIC = "/prizes/letters/baseline/"


def at(partner: str) -> str:
    return f"/trials/letters/partners/{partner}/surveys/baseline/prize/"


def test_manager_draws_and_the_winning_partner_alone_is_told(
    survey: Survey, prize: Prize, sign_in: SignIn
) -> None:
    answer(survey, people_of(survey))
    close(survey)
    manager = sign_in("trial_manager")
    assert "Draw the prizes" in manager.get(PAGE).content.decode()
    assert manager.post(f"{PAGE}draw/")["Location"] == PAGE
    assert "Dudley: Team T016" in manager.get(PAGE).content.decode()
    own = sign_in("coordinator").get(at("dudley")).content.decode()
    other = sign_in("stranger").get(at("shropshire")).content.decode()
    assert "A team of yours has won" in own
    assert "Nobody here has won" in other
    assert "T016" not in other


def test_it_cannot_be_drawn_from_the_page_before_the_survey_closed(
    prize: Prize, sign_in: SignIn
) -> None:
    Window.objects.update(closes_on=FAR_AWAY)
    manager = sign_in("trial_manager")
    assert "Draw the prizes" not in manager.get(PAGE).content.decode()
    answer_ = manager.post(f"{PAGE}draw/", follow=True).content.decode()
    assert "not closed everywhere" in answer_
    assert not Draw.objects.exists()


def test_anybody_sees_the_commitment_before_and_the_secret_after_and_never_a_team(
    cast: Cast, survey: Survey, prize: Prize, sign_in: SignIn
) -> None:
    before = Client().get(PUBLIC).content.decode()
    assert prize.commitment in before
    answer(survey, people_of(survey))
    close(survey)
    sign_in("trial_manager").post(f"{PAGE}draw/")
    after = Client().get(PUBLIC).content.decode()
    assert prize.commitment in after
    assert "Number 1 of the list" in after
    assert "T016" not in after
    assert "Dudley" not in after


def test_files_are_those_of_the_archive(survey: Survey, prize: Prize, sign_in: SignIn) -> None:
    answer(survey, people_of(survey))
    close(survey)
    browser = sign_in("trial_manager")
    assert browser.get(f"{PAGE}draw.toml").status_code == 404
    browser.post(f"{PAGE}draw/")
    assert b'entry = "dudley/T016"' in browser.get(f"{PAGE}draw.toml").content
    assert browser.get(f"{PAGE}draw.csv").content == b"entry\ndudley/T016\n"
    assert browser.get(f"{PAGE}draw.exe").status_code == 404


def test_surveys_pages_lead_to_their_prizes(prize: Prize, sign_in: SignIn) -> None:
    waves = sign_in("researcher").get("/trials/letters/surveys/").content.decode()
    own = sign_in("coordinator").get(at("dudley").removesuffix("prize/")).content.decode()
    assert f'href="{PAGE}"' in waves
    assert f'href="{at("dudley")}"' in own
