"""Who is entered into a draw of prizes, so that saying no costs nobody anything."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.prizes import Prize


class Completion(StrEnum):
    """How far somebody is when the survey closes."""

    FINISHED = "finished"
    SETTLED = "settled"
    """Said no, withdrew or deleted their answers: never held against a team."""
    AWAY = "away"
    """Left or on long leave: not counted at all."""
    OPEN = "open"
    """Still to answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One person who was asked.

    Parameters
    ----------
    entry
        What stands for them in a draw among people; a code or a ticket, never a name.
    team
        What stands for their team in a draw among teams; empty for none.
    completion
        How far they are.
    """

    entry: str
    team: str
    completion: Completion


def enter_draw(prize: Prize, asked: Iterable[Asked]) -> tuple[str, ...]:
    """Return what is entered into the draw, in order.

    A team is entered if it has enough members who are not away, nobody of them is still to answer,
    and at least one finished. While another member finished, it makes no difference to its entry
    whether somebody finishes or says no.

    Raises
    ------
    InputError
        If two people have the same entry.

    Examples
    --------
    >>> prize = Prize(rule="person_complete", number=1, worth="a book")
    >>> enter_draw(prize, [Asked("b", "", Completion.FINISHED), Asked("a", "", Completion.OPEN)])
    ('b',)
    """
    people = list(asked)
    if len({one.entry for one in people}) < len(people):
        raise InputError("two people have the same entry", where="the draw")
    if prize.rule == "person_complete":
        return tuple(sorted(one.entry for one in people if _finished(one)))
    teams: dict[str, list[Asked]] = defaultdict(list)
    for one in people:
        if one.team and one.completion is not Completion.AWAY:
            teams[one.team].append(one)
    smallest = prize.smallest_team or 1
    return tuple(sorted(team for team, members in teams.items() if _is_in(members, smallest)))


def _is_in(members: list[Asked], smallest: int) -> bool:
    outstanding = any(one.completion is Completion.OPEN for one in members)
    return len(members) >= smallest and not outstanding and any(map(_finished, members))


def _finished(one: Asked) -> bool:
    return one.completion is Completion.FINISHED
