"""Prizes are committed to at the opening and drawn once; a no costs nobody anything."""

from pathlib import Path

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from lighttouch.core.archive.prizes import verify_prizes
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.core.protocol.registering import commit_secret
from lighttouch.web.audit.models import Event
from lighttouch.web.enrolment.actions import record_happening
from lighttouch.web.enrolment.models import Event as Happens
from lighttouch.web.enrolment.models import Withdrawal
from lighttouch.web.enrolment.telling import Told
from lighttouch.web.notices.models import Notice
from lighttouch.web.prizes import actions
from lighttouch.web.prizes.entrants import entries_of, ticket_of
from lighttouch.web.prizes.models import Draw, Prize, Rule
from lighttouch.web.prizes.queries import record_of, winners_of, write_prizes
from lighttouch.web.protocols.queries import registered_files
from lighttouch.web.protocols.sealing import seal, unseal
from lighttouch.web.surveys import actions as surveys
from lighttouch.web.surveys.models import Answer, Consent, Link, Response, Survey
from tests.web.cast import Cast
from tests.web.prizes.cases import CLOSED_AT, answer, close, people_of
from tests.web.surveys.cases import OPENED_AT
from tests.web.triggers import without_triggers

ENTRY = "dudley/T016"


def happen(cast: Cast, link: Link, event: Happens, detail: str = "") -> None:
    told = Told(link.participant.staff_id, event, OPENED_AT.date(), detail=detail)
    record_happening(
        trial=cast.trial, partner=cast.dudley, told=told, by=cast["coordinator"], now=OPENED_AT
    )


def draw_now(cast: Cast, prize: Prize) -> Draw:
    return actions.draw(prize=prize, by=cast["trial_manager"], now=CLOSED_AT)


def test_opening_a_survey_commits_to_a_secret_and_keeps_it_sealed(prize: Prize) -> None:
    secret = unseal(bytes(prize.sealed_secret))
    assert commit_secret(secret) == prize.commitment
    assert secret not in bytes(prize.sealed_secret)
    assert (prize.rule, prize.number, prize.smallest_team) == ("team_complete", 1, 5)
    event = Event.objects.get(act="prize.committed")
    assert event.details == {"wave": "baseline", "commitment": prize.commitment}


def test_opening_twice_commits_once(cast: Cast, prize: Prize) -> None:
    surveys.open_survey(trial=cast.trial, wave="baseline", by=cast["trial_manager"], now=OPENED_AT)
    assert Prize.objects.get().commitment == prize.commitment


def test_people_are_told_of_the_draw_before_they_agree(survey: Survey) -> None:
    told = " ".join(survey.statement)
    assert "vouchers worth £140 for the team" in told
    assert "Saying no, or withdrawing, is not held against it" in told


def test_team_is_entered_once_nobody_in_it_is_still_to_answer(survey: Survey, prize: Prize) -> None:
    links = people_of(survey)
    answer(survey, links[:-1])
    assert entries_of(prize) == ()
    answer(survey, links[-1:])
    assert entries_of(prize) == (ENTRY,)


def test_every_way_of_saying_no_leaves_the_teams_entry_as_it_is(
    cast: Cast, survey: Survey, prize: Prize
) -> None:
    links = people_of(survey)
    answer(survey, links[5:])
    answer(survey, links[:1], Consent.DECLINED)
    happen(cast, links[1], Happens.WITHDRAWAL, Withdrawal.STOP_CONTACT)
    happen(cast, links[2], Happens.LEFT)
    happen(cast, links[3], Happens.ON_LEAVE)
    assert entries_of(prize) == ()
    answer(survey, links[4:5])
    surveys.erase(link=links[4], now=OPENED_AT)
    assert entries_of(prize) == (ENTRY,)


def test_nothing_is_drawn_before_the_survey_has_closed_everywhere(cast: Cast, prize: Prize) -> None:
    with pytest.raises(InputError, match="not closed everywhere"):
        actions.draw(prize=prize, by=cast["trial_manager"], now=OPENED_AT)
    assert not Draw.objects.exists()


def test_prizes_are_drawn_once_and_the_log_says_by_what(
    cast: Cast, survey: Survey, prize: Prize
) -> None:
    answer(survey, people_of(survey))
    close(survey)
    drawn = draw_now(cast, prize)
    assert draw_now(cast, prize) == drawn
    event = Event.objects.get(act="prize.drawn")
    assert event.details["entries"] == 1
    assert event.details["places"] == [1]
    assert [(one.partner.code, one.who) for one in winners_of(drawn)] == [("dudley", "Team T016")]
    told = Notice.objects.get(kind="prize.won")
    assert told.to == cast["coordinator"]
    assert "T016" not in mail.outbox[-1].body


def test_secret_that_is_not_the_one_committed_to_draws_nothing(
    cast: Cast, survey: Survey, prize: Prize
) -> None:
    close(survey)
    Prize.objects.update(sealed_secret=seal(bytes(32)))
    with pytest.raises(ArchiveError, match="not the one committed to"):
        draw_now(cast, prize)


def test_draw_with_nothing_entered_has_no_winner(cast: Cast, survey: Survey, prize: Prize) -> None:
    close(survey)
    assert winners_of(draw_now(cast, prize)) == []


def test_what_was_drawn_replays_from_the_study_folder(
    cast: Cast, survey: Survey, prize: Prize, tmp_path: Path
) -> None:
    for team in ("T015", "T016", "T017"):
        answer(survey, people_of(survey, team))
    close(survey)
    draw_now(cast, prize)
    for name, content in registered_files(cast.trial).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    write_prizes(cast.trial, tmp_path)
    result = verify_prizes(tmp_path, "baseline")
    assert result.lines[-1] == "Drawing again gives the recorded winners among 3 entries."
    assert result.confirmed


def test_database_refuses_to_change_a_commitment_or_a_second_draw(
    cast: Cast, survey: Survey, prize: Prize
) -> None:
    close(survey)
    drawn = draw_now(cast, prize)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Prize.objects.update(commitment="0" * 64)
    drawn.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn.save(force_insert=True)


def test_among_people_a_ticket_stands_for_whoever_finished_and_erasure_takes_it_out(
    cast: Cast, survey: Survey, prize: Prize
) -> None:
    with without_triggers():
        Prize.objects.update(rule=Rule.PERSON, smallest_team=0)
    prize.refresh_from_db()
    links = people_of(survey)
    answer(survey, links[:2])
    answer(survey, links[2:3], Consent.DECLINED)
    surveys.erase(link=links[1], now=OPENED_AT)
    close(survey)
    drawn = draw_now(cast, prize)
    ticket = ticket_of(prize, links[0].participant_id)
    assert entries_of(prize) == (ticket,)
    assert [one.entry for one in record_of(drawn).winners] == [ticket]
    assert [one.who for one in winners_of(drawn)] == [links[0].participant.staff_id]
    assert links[0].participant.staff_id not in ticket


def test_drawing_reads_no_answer(cast: Cast, survey: Survey, prize: Prize) -> None:
    answer(survey, people_of(survey))
    close(survey)
    with CaptureQueriesContext(connection) as asked:
        draw_now(cast, prize)
    assert Answer._meta.db_table not in " ".join(one["sql"] for one in asked)
    assert Response._meta.db_table in " ".join(one["sql"] for one in asked)
