"""Prizes drawn among those who complete a survey: what a trial file declares of them."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from lighttouch.core.protocol.base import Part, Text
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.problems import Problem


class Prize(Part):
    """Prizes drawn when the survey has closed, by a secret committed to when it opens.

    ``team_complete`` enters a team once nobody in it is still to answer: whoever declined, withdrew
    or deleted their answers is not held against it, and whoever left or is on leave is not counted.
    ``person_complete`` enters everybody who finished.
    """

    rule: Literal["team_complete", "person_complete"]
    """Who is entered."""
    number: int = Field(ge=1, le=1000)
    """How many prizes there are."""
    worth: Text
    """What one prize is, such as vouchers worth £140 for the team."""
    smallest_team: int | None = Field(default=None, ge=3)
    """Fewest people of a team that is entered; needed for team_complete, and only there."""


def describe_prize(prize: Prize) -> str:
    """Say in a phrase what is drawn and among whom.

    Examples
    --------
    >>> describe_prize(Prize(rule="person_complete", number=2, worth="a book"))
    '2 prizes (a book) drawn among everybody who finishes'
    """
    prizes = "1 prize" if prize.number == 1 else f"{prize.number:,} prizes"
    among = "everybody who finishes"
    if prize.rule == "team_complete":
        among = (
            f"teams of at least {prize.smallest_team} in which nobody is still to answer "
            "(saying no is not held against a team)"
        )
    return f"{prizes} ({prize.worth}) drawn among {among}"


def find_prize_problems(prize: Prize, incentive: str, path: Path) -> Iterator[Problem]:
    """Find what does not fit together in a prize and what is said of it."""
    by_team = prize.rule == "team_complete"
    if by_team and prize.smallest_team is None:
        yield Problem(
            path,
            "the smallest team that is entered is missing",
            "Add smallest_team: in a small team, winning tells that everybody answered or said no",
        )
    if not by_team and prize.smallest_team is not None:
        yield Problem(
            (*path, "smallest_team"), "people are entered one by one", "Leave smallest_team out"
        )
    if not incentive.strip():
        yield Problem(
            path, "staff are not told of the prize", "Say it in a sentence under incentive"
        )
