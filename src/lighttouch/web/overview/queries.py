"""Where a trial stands, what is late, what failed, and what to do next.

The number of queries is the same for three partners and for a hundred and fifty: people are
counted when the roster is frozen, not when somebody looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Sum
from django.urls import NoReverseMatch, reverse

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.delivery.troubles import lines_for
from lighttouch.web.enrolment.models import ArmCount, RosterCount
from lighttouch.web.jobs.queries import failed_in
from lighttouch.web.partners.models import Task
from lighttouch.web.partners.queries import contact_route, tasks_of, tasks_of_trial
from lighttouch.web.programmes.models import Partner, Stage, Trial
from lighttouch.web.protocols.models import State as Draft
from lighttouch.web.protocols.queries import is_registered, newest_version
from lighttouch.web.returns.queries import (
    Grid,
    Progress,
    Standing,
    collection_grid,
    returns_of_partner,
    today_of,
)
from lighttouch.web.surveys import standing as surveys
from lighttouch.web.ui.charts import Cell, Chart, Due, Row, draw_grid, draw_timeline
from lighttouch.web.ui.charts.grid import Grid as GridChart
from lighttouch.web.ui.dates import say_date, say_distance

Kind = Literal["done", "doing", "waiting", "late", "wrong"]
MOST_LISTED = 12
LOOKS: dict[Progress, Kind] = {
    Progress.NOT_OPEN: "waiting",
    Progress.WAITING: "waiting",
    Progress.LATE: "late",
    Progress.CHECKING: "doing",
    Progress.SENT_BACK: "wrong",
    Progress.TO_EXPLAIN: "doing",
    Progress.READY: "doing",
    Progress.SIGNED_OFF: "done",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the trial's life and where it is."""

    title: str
    kind: Kind
    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do, or to know about, with the page where one does it."""

    words: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page of a trial shows."""

    steps: tuple[Step, ...]
    next: Action | None
    late: tuple[Action, ...]
    more_late: int
    failed: tuple[Action, ...]
    unsettled: tuple[Action, ...]
    figures: tuple[tuple[str, str], ...]
    grid: GridChart | None
    timeline: Chart | None


@dataclass(frozen=True, slots=True)
class PartnerOverview:
    """Everything the page of a partner in a trial shows."""

    next: Action | None
    returns: tuple[Step, ...]
    surveys: tuple[Step, ...]
    tasks: tuple[Step, ...]
    route: str
    unsettled: tuple[Action, ...] = ()


def trial_overview(trial: Trial, user: User, now: datetime) -> Overview:
    """Gather what the page of a trial shows to somebody."""
    today = today_of(now)
    registered = is_registered(trial)  # an imported trial is not: its archive holds all of it
    grid = collection_grid(trial, now) if registered else None
    steps = tuple(_steps(trial, user, grid, now))
    opens = has_right(user, Right.READ_TASKS, Scope(trial.programme, trial))
    late = [*_late_returns(trial, grid, today, opens), *_late_tasks(trial, today, opens)]
    sending = address("delivery:trial", trial.slug)
    unsettled = tuple(Action(line, sending) for line in lines_for(trial, now))
    failed = tuple(
        Action(f"{job.title} failed", reverse("jobs:progress", args=[job.uuid]))
        for job in failed_in(trial)
    )
    return Overview(
        steps=steps,
        next=_next(steps, late, (*unsettled, *failed)),
        unsettled=unsettled,
        late=tuple(late[:MOST_LISTED]),
        more_late=max(len(late) - MOST_LISTED, 0),
        failed=failed,
        figures=tuple(_figures(trial, grid)),
        grid=_draw_collection(trial, grid, today, opens) if grid else None,
        timeline=_draw_dates(grid, today) if grid else None,
    )


def partner_overview(trial: Trial, partner: Partner, now: datetime) -> PartnerOverview:
    """Gather what the page of a partner shows to its coordinator."""
    today = today_of(now)
    registered = is_registered(trial)
    standings = returns_of_partner(trial, partner, now) if registered else []
    returns = tuple(
        Step(f"{s.wave_label}: return", _look(s), _say_return(s, today), _return_page(s))
        for s in standings
    )
    tasks = tuple(
        Step(
            task.title,
            "done"
            if task.done_at
            else "late"
            if task.due_on and task.due_on < today
            else "waiting",
            f"Done {say_date(task.done_at)}" if task.done_at else _say_due(task.due_on, today),
            task.href or address("partners:tasks", trial.slug, partner.code),
        )
        for task in tasks_of(trial, partner)
        if not _is_return(task)
    )
    open_steps = [s for s in (*returns, *tasks) if s.kind in ("wrong", "late", "doing", "waiting")]
    sending = address("delivery:partner", trial.slug, partner.code)
    order = ("wrong", "late", "doing", "waiting")
    first = min(open_steps, key=lambda s: order.index(s.kind), default=None)
    return PartnerOverview(
        next=Action(first.title, first.href, first.words) if first else None,
        returns=returns,
        surveys=tuple(_survey_lines(trial, partner, today)),
        tasks=tasks,
        route=contact_route(trial, partner),
        unsettled=tuple(Action(line, sending) for line in lines_for(trial, now, partner)),
    )


def _task_kind(task: Task, today: date) -> Kind:
    if task.done_at:
        return "done"
    return "late" if task.due_on and task.due_on < today else "waiting"


def _is_return(task: Task) -> bool:
    """Say whether a task is to send a return, which is shown as such."""
    return task.key.startswith("return:")


def address(name: str, *where: str) -> str:
    """Return the address of a page, or nothing where there is no such page."""
    try:
        return reverse(name, args=where)
    except NoReverseMatch:
        return ""


def _steps(trial: Trial, user: User, grid: Grid | None, now: datetime) -> Iterator[Step]:
    scope = Scope(trial.programme, trial)
    yield _protocol_step(trial)
    baseline, later = _split(grid)
    here = address("returns:grid", trial.slug)
    yield _returns_step("Baseline returns", baseline, here)
    frozen, drawn = trial.has_reached(Stage.ENROLLED), trial.has_reached(Stage.ALLOCATED)
    ready = bool(baseline) and all(s.progress == Progress.SIGNED_OFF for s in baseline)
    yield Step(
        "Roster",
        "done" if frozen else "doing" if ready else "waiting",
        "Frozen" if frozen else "Ready to be frozen" if ready else "After the baseline returns",
        address("enrolment:page", trial.slug),
    )
    yield Step(
        "Allocation",
        "done" if drawn else "doing" if frozen else "waiting",
        "Drawn" if drawn else "Ready to be drawn" if frozen else "After the roster",
        address("allocation:page", trial.slug) if has_right(user, Right.RANDOMISE, scope) else "",
    )
    yield from _survey_steps(trial, now)
    yield _returns_step("Later returns", later, here)
    locked = trial.has_reached(Stage.LOCKED)
    report = address("analysis:report", trial.slug)
    yield Step(
        "Report",
        "done" if trial.unblinded_at else "doing" if locked else "waiting",
        "Open" if trial.unblinded_at else "Data locked" if locked else "After the last return",
        report if has_right(user, Right.READ_RESULTS, scope) else "",
    )


def _protocol_step(trial: Trial) -> Step:
    here = address("protocols:protocol", trial.slug)
    if trial.has_reached(Stage.REGISTERED):
        return Step("Protocol", "done", "Registered", here)
    newest = newest_version(trial)
    words = {
        Draft.SUBMITTED: "Waiting for a second person",
        Draft.RETURNED: "Sent back with a note",
        Draft.APPROVED: "Approved: register it",
    }
    state = Draft(newest.state) if newest else Draft.DRAFT
    return Step("Protocol", "doing", words.get(state, "Being written"), here)


def _returns_step(title: str, found: list[Standing], href: str) -> Step:
    if not found:
        return Step(title, "waiting", "After registration")
    done = sum(s.progress == Progress.SIGNED_OFF for s in found)
    kind: Kind = "done" if done == len(found) else "doing"
    if any(s.late for s in found):
        kind = "late"
    elif all(s.progress == Progress.NOT_OPEN for s in found):
        kind = "waiting"
    return Step(title, kind, f"{done} of {len(found)} signed off", href)


def _survey_steps(trial: Trial, now: datetime) -> Iterator[Step]:
    """One line for the surveys: the wave that is open, else the next to be opened."""
    found = surveys.standings(trial, now)
    if not found:
        return
    here = address("surveys:waves", trial.slug)
    waiting = next((one for one in found if one.survey is None), None)
    if running := next((one for one in found if one.survey and one.running), None):
        yield Step(f"Survey answers: {running.label.lower()}", "doing", running.words, here)
    elif waiting is not None:
        yield Step(
            f"Survey: {waiting.label.lower()}",
            "doing" if waiting.due else "waiting",
            waiting.state,
            here,
        )
    else:
        yield Step("Survey answers", "done", f"{found[-1].label}: {found[-1].words}", here)


def _survey_lines(trial: Trial, partner: Partner, today: date) -> Iterator[Step]:
    """One line for each survey at a partner: when it is open, and no number."""
    for window in surveys.windows_at(trial, partner):
        kind, words = surveys.say_window(window, today)
        where = (trial.slug, partner.code, window.survey.wave)
        yield Step(window.survey.title, kind, words, address("surveys:partner", *where))


def _split(grid: Grid | None) -> tuple[list[Standing], list[Standing]]:
    """Split the returns into those of the first wave and the rest."""
    if grid is None or not grid.waves:
        return [], []
    first = grid.waves[0].id
    found = grid.standings
    return [s for s in found if s.of.wave == first], [s for s in found if s.of.wave != first]


def _late_returns(trial: Trial, grid: Grid | None, today: date, opens: bool) -> list[Action]:
    late = [s for s in (grid.standings if grid else ()) if s.late]
    return [
        Action(
            f"{s.of.partner.name}: {s.wave_label.lower()} return",
            address("overview:partner", trial.slug, s.of.partner.code) if opens else "",
            f"was due {say_distance(s.of.due_on, today)}; {s.progress.label.lower()}",
        )
        for s in sorted(late, key=lambda s: s.of.due_on)
    ]


def _late_tasks(trial: Trial, today: date, opens: bool) -> list[Action]:
    return [
        Action(
            f"{task.partner.name}: {task.title[:1].lower()}{task.title[1:]}",
            address("partners:tasks", trial.slug, task.partner.code) if opens else "",
            f"was due {say_distance(task.due_on or today, today)}",
        )
        for task in tasks_of_trial(trial)
        if _task_kind(task, today) == "late" and not _is_return(task)
    ]


def _next(steps: tuple[Step, ...], late: list[Action], failed: tuple[Action, ...]) -> Action | None:
    """Say the one thing to do next: mend what failed, then move the trial on, then chase."""
    if failed:
        return failed[0]
    moving = next((s for s in steps if s.kind == "doing" and s.href), None)
    waits = moving is not None and ("returns" in moving.title or "answers" in moving.title)
    if moving is not None and not waits:
        return Action(f"{moving.title}: {moving.words[:1].lower()}{moving.words[1:]}", moving.href)
    if late:
        return late[0]
    return Action(f"{moving.title}: {moving.words}", moving.href) if moving else None


def _figures(trial: Trial, grid: Grid | None) -> Iterator[tuple[str, str]]:
    if grid is not None:
        yield f"{len(grid.rows):,}", "partners"
        signed = grid.count(Progress.SIGNED_OFF)
        yield f"{signed:,} of {len(grid.standings):,}", "returns signed off"
        yield f"{grid.late:,}", "returns late"
    if trial.has_reached(Stage.ENROLLED):
        counts = dict(
            RosterCount.objects.filter(trial=trial, excluded_because="")
            .values_list("trial")
            .annotate(Sum("people"))
        )
        yield f"{counts.get(trial.pk, 0):,}", "people enrolled"
    if trial.has_reached(Stage.ALLOCATED):
        arms = ArmCount.objects.filter(trial=trial).count()
        yield f"{arms}", "arms drawn"


def _draw_collection(trial: Trial, grid: Grid, today: date, opens: bool) -> GridChart:
    rows = [
        Row(
            row.partner.name,
            tuple(
                Cell(wave.label, _look(cell), _shown(cell), "", _say_due(cell.of.due_on, today))
                if cell
                else Cell(wave.label, "waiting", "Not asked")
                for wave, cell in zip(grid.waves, row.cells, strict=True)
            ),
            address("overview:partner", trial.slug, row.partner.code) if opens else "",
        )
        for row in grid.rows
    ]
    return draw_grid("Returns", [wave.label for wave in grid.waves], rows)


def _draw_dates(grid: Grid, today: date) -> Chart | None:
    partners = {
        row.partner.name: [
            Due(cell.of.due_on, cell.wave_label, cell.progress == Progress.SIGNED_OFF)
            for cell in row.cells
            if cell is not None
        ]
        for row in grid.rows[:MOST_LISTED]
    }
    return draw_timeline("When returns are due", partners, today=today) if partners else None


def _look(standing: Standing) -> Kind:
    return "late" if standing.late else LOOKS[standing.progress]


def _shown(standing: Standing) -> str:
    return standing.progress.label


def _say_return(standing: Standing, today: date) -> str:
    words = standing.progress.label
    if standing.progress == Progress.SIGNED_OFF:
        return words
    return f"{words}. {_say_due(standing.of.due_on, today)}"


def _say_due(due_on: date | None, today: date) -> str:
    return f"Due {say_date(due_on)} ({say_distance(due_on, today)})" if due_on else ""


def _return_page(standing: Standing) -> str:
    sent = standing.of
    return address("returns:return", sent.trial.slug, sent.partner.code, sent.wave)
