"""A survey from the link to the thanks, beside oTree and beside no framework at all.

Three servers ask the same sixty questions: ours as ``lighttouch serve`` runs it, oTree's production
server, and a bare handler under the same gunicorn. The same people come to each in turn, in rounds,
many at once. Whoever got to the thanks must be in the database, each answer as it was sent.

Each keeps its answers in the same kind of database. oTree serves web pages from one process, as its
manual says; its people are made before the clock starts. It is told nothing that slows it.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.web.postgres import free_port, running_postgres

from benchmarks import surveying
from benchmarks.load import Outcome, Person, go_through
from benchmarks.measuring import Line, median_ratio
from benchmarks.peers import otree

ROUNDS = 3
AT_ONCE = 8
OURS, THEIRS = 450, 45
"""People in a round: as many as each gets through in a few seconds."""
WARM = 96
CROWD, WITHIN, AT_THE_DOOR = 5000, 60.0, 64
"""So many people open their link within so many seconds; so many are inside at most."""
LEAST_OVER_OTREE = 25.0
LEAST_OF_BARE = 0.3


@dataclass
class Side:
    """One server, whose people come one after the other, and what became of them."""

    port: int
    at_once: int
    links: list[str]
    forms: Callable[[int], list[str]]
    used: int = 0
    rates: list[float] = field(default_factory=list)

    def go(self, count: int) -> Outcome:
        """Have the next people go through, so many at once."""
        numbers = range(self.used, self.used + count)
        self.used += count
        people = [Person(self.links[one], self.forms(one)) for one in numbers]
        outcome = go_through(self.port, people, at_once=self.at_once)
        if outcome.errors or len(outcome.each) != count:
            raise SystemExit(f"people were turned away: {outcome.errors[:3]}")
        return outcome

    def time(self, count: int) -> None:
        """Note how many get through in a second."""
        self.rates.append(self.go(count).rate)


@contextlib.contextmanager
def databases(kind: str) -> Iterator[dict[str, str]]:
    """Give variables that name our databases: PostgreSQL's, or none for SQLite."""
    if kind == "SQLite":
        yield {}
    else:
        with running_postgres() as variables:
            yield variables


@contextlib.contextmanager
def ours(kind: str, folder: Path, count: int) -> Iterator[tuple[Side, Mapping[str, str]]]:
    """Run our server with so many people enrolled."""
    with databases(kind) as named:
        variables = surveying.variables_for(folder, named)
        tokens = surveying.prepare(variables, count)
        port = free_port()
        with surveying.gunicorn("lighttouch.web.config.wsgi:application", port, variables):
            links = [f"/s/{token}/" for token in tokens]
            yield Side(port, AT_ONCE, links, _our_forms), variables


def _our_forms(person: int) -> list[str]:
    return ["consent=agreed", surveying.forms_of(person, go="finish")]


def _check_ours(side: Side, variables: Mapping[str, str]) -> None:
    kept = surveying.read_kept(variables)
    tokens = [link.split("/")[2] for link in side.links]
    surveying.check_kept(kept, {tokens[one]: one for one in range(side.used)})
    if len(kept) != side.used:
        raise SystemExit("somebody was kept who did not answer")


@contextlib.contextmanager
def bare(kind: str, folder: Path, count: int) -> Iterator[tuple[Side, Mapping[str, str]]]:
    """Run the bare handler."""
    with databases(kind) as named:
        variables = os.environ | {
            "BARE_DATABASE": named.get("DATABASE_URL", str(folder / "bare.sqlite3")),
            "BARE_INSTRUMENTS": surveying.names_of(surveying.instruments()),
        }
        make = "from benchmarks.peers import bare; bare.make_tables()"
        surveying.run_python(make, variables)
        port = free_port()
        with surveying.gunicorn("benchmarks.peers.bare:application", port, variables):
            links = [f"/person-{number}" for number in range(count)]
            yield Side(port, AT_ONCE, links, lambda one: [surveying.forms_of(one)]), variables


def _check_bare(side: Side, variables: Mapping[str, str]) -> None:
    code = "import json; from benchmarks.peers import bare; print(json.dumps(bare.answers_kept()))"
    kept = json.loads(surveying.run_python(code, variables))
    surveying.check_kept(kept, {side.links[one].strip("/"): one for one in range(side.used)})


@contextlib.contextmanager
def peer(kind: str, folder: Path, count: int) -> Iterator[tuple[Side, str]]:
    """Run oTree with so many people; give its database too, if that is PostgreSQL."""
    project = folder / "otree"
    project.mkdir()
    otree.write_project(project, surveying.instruments())
    port = free_port()
    with databases(kind) as named:
        database = named.get("DATABASE_URL", "")
        with otree.serving(project, port, database):
            codes = otree.make_participants(port, count)
            links = [f"/InitializeParticipant/{code}" for code in codes]
            yield Side(port, AT_ONCE, links, lambda one: ["", surveying.forms_of(one)]), database


def _check_otree(side: Side, folder: Path, database: str) -> None:
    kept = otree.answers_kept(folder / "otree", surveying.item_names(), database)
    surveying.check_kept(kept, {side.links[one].split("/")[2]: one for one in range(side.used)})


def measure_speed(kind: str, rounds: int = ROUNDS) -> list[Line]:
    """Have people come to the three servers in turn, and compare how many get through."""
    many, few = WARM + rounds * OURS, WARM + rounds * THEIRS
    with (
        tempfile.TemporaryDirectory() as name,
        ours(kind, Path(name), many) as (mine, variables),
        bare(kind, Path(name), many) as (least, told),
        peer(kind, Path(name), few) as (theirs, database),
    ):
        for side in (mine, least, theirs):
            side.go(WARM)
        for _ in range(rounds):
            mine.time(OURS)
            theirs.time(THEIRS)
            least.time(OURS)
        _check_ours(mine, variables)
        _check_bare(least, told)
        _check_otree(theirs, Path(name), database)
    what = f"60-answer survey from link to thanks, {kind}"
    over, of = median_ratio(mine.rates, theirs.rates), median_ratio(mine.rates, least.rates)
    return [
        Line(
            what, _say(mine.rates), f"oTree, its production server: {_say(theirs.rates)}",
            f"{over:.0f}×", f"at least {LEAST_OVER_OTREE:g}×", over >= LEAST_OVER_OTREE,
        ),
        Line(
            what, _say(mine.rates), f"bare WSGI handler, same gunicorn: {_say(least.rates)}",
            f"{of:.2f}×", f"at least {LEAST_OF_BARE:g}×", of >= LEAST_OF_BARE,
        ),
    ]  # fmt: skip


def measure_crowd(kind: str, count: int = CROWD, within: float = WITHIN) -> Line:
    """Have a crowd open their links after a mailing; every answer must be kept, in its place."""
    with (
        tempfile.TemporaryDirectory() as name,
        ours(kind, Path(name), count + WARM) as (side, variables),
    ):
        side.go(WARM)
        # A few seconds early, so that the last have opened theirs before the minute is over.
        between = within * 0.95 / count
        people = [
            Person(side.links[WARM + one], _our_forms(WARM + one), one * between)
            for one in range(count)
        ]
        outcome = go_through(side.port, people, at_once=AT_THE_DOOR)
        side.used += count
        lost = len(outcome.errors)
        if not lost:
            _check_ours(side, variables)
    what = f"{count:,} people open their link within {within:g} s and finish, {kind}"
    waited = f"median {outcome.median:.2f} s, worst {max(outcome.each):.2f} s each"
    done = outcome.seconds <= within * 1.05
    return Line(
        what, f"{waited}; all through in {outcome.seconds:.0f} s", "nothing beside it",
        f"{lost} errors", "none, every answer kept and none mixed, in that time",
        done and not lost,
    )  # fmt: skip


def _say(rates: list[float]) -> str:
    return f"{statistics.median(rates):.0f}/s ({min(rates):.0f}–{max(rates):.0f})"


def measure() -> list[Line]:
    """Measure on both databases."""
    kinds = ("PostgreSQL", "SQLite")
    lines = [line for kind in kinds for line in measure_speed(kind)]
    return [*lines, *(measure_crowd(kind) for kind in kinds)]


if __name__ == "__main__":
    for line in measure():
        print(" | ".join((line.what, line.ours, line.peer, line.ratio, line.bar, str(line.met))))
