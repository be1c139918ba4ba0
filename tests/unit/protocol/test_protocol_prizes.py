"""Prizes in a trial file: said whole, said to staff, and pre-registered."""

import pytest

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.preregistering import render_preregistration
from lighttouch.core.protocol.prizes import Prize, describe_prize
from lighttouch.core.protocol.reading import parse_trial

LETTERS = library_text("letters")


def test_letters_declare_a_prize_for_a_team_at_both_waves() -> None:
    prizes = [wave.survey.prize for wave in parse_trial(LETTERS).waves if wave.survey]
    assert [one and (one.rule, one.number, one.smallest_team) for one in prizes] == [
        ("team_complete", 1, 5)
    ] * 2


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("smallest_team = 5\n", "", "smallest team that is entered is missing"),
        ('rule = "team_complete"', 'rule = "person_complete"', "entered one by one"),
        ("smallest_team = 5", "smallest_team = 2", "smallest_team"),
        ("number = 1\n", "number = 0\n", "number"),
        ("number = 1\n", "number = 1\ncolour = 1\n", "colour"),
        ('worth = "vouchers worth £140 for the team"\n', "", "worth"),
        ('incentive = "Prize', 'incentive = ""  # "Prize', "staff are not told"),
    ],
)
def test_prize_that_is_not_whole_is_refused(old: str, new: str, named: str) -> None:
    assert old in LETTERS
    with pytest.raises(ProtocolError, match=named):
        parse_trial(LETTERS.replace(old, new))


def test_prize_is_pre_registered_with_its_rule() -> None:
    text = render_preregistration(parse_trial(LETTERS), "a" * 64, "b" * 64)
    assert "1 prize (vouchers worth £140 for the team) drawn among teams of at least 5" in text


def test_prize_for_people_needs_no_team() -> None:
    prize = Prize(rule="person_complete", number=3, worth="a book")
    assert describe_prize(prize) == "3 prizes (a book) drawn among everybody who finishes"
