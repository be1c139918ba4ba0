"""What a partner has to do for a trial: added once for each key, done, moved.

Keys of the first tasks are in :data:`FIRST`. Later stages use ``return:<wave>`` and the like: one
that adds a task under a key that is there brings its words and page up to date.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from lighttouch.web.audit.actors import SYSTEM, Actor
from lighttouch.web.partners.actions.common import check_revision, person, save_checked, tell
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import Agreement, Officer, Signing, Task
from lighttouch.web.partners.queries.tasks import must_take_part
from lighttouch.web.partners.words import refuse_personal
from lighttouch.web.programmes.models import Participation, Partner, Trial


@dataclass(frozen=True, slots=True)
class First:
    """A task every partner gets when it is matched; ``days`` counts from the launch."""

    key: str
    title: str
    hint: str
    days: int
    page: str = ""


FIRST = (
    First(
        "agreement",
        "Sign the data-sharing agreement",
        "We send it; somebody who may sign for you returns it.",
        -56,
        "agreement",
    ),
    First(
        "officers",
        "Name the people we should write to",
        "Usually one who prepares the data and one who leads the service.",
        -49,
        "officers",
    ),
    First(
        "route",
        "Agree who holds contact details",
        "They can stay with you, or be kept locked away on this service.",
        -42,
        "agreement",
    ),
    First(
        "launch",
        "Agree the launch date",
        "Avoid holidays, inspections and moves of system.",
        -42,
        "agreement",
    ),
    First(
        "tell_managers",
        "Tell team managers what is coming",
        "They hear it from you before anybody hears it from us.",
        -21,
    ),
    First(
        "return:baseline",
        "Send the baseline return",
        "One spreadsheet without names; we check it while you wait.",
        -14,
    ),
    First(
        "ready",
        "Confirm that everything is ready",
        "A last look together, a few days before the launch.",
        -5,
    ),
)
"""The template of a partner's tasks."""


@transaction.atomic
def seed_tasks(*, trial: Trial, partner: Partner, by: Actor, now: datetime) -> int:
    """Give a partner its first tasks; those it has stay as they are, and what is so is done.

    Returns
    -------
    int
        How many were added.
    """
    launch_on = _launch(trial, partner)
    here = f"/trials/{trial.slug}/partners/{partner.code}/"
    there = set(Task.objects.filter(trial=trial, partner=partner).values_list("key", flat=True))
    missing = [one for one in FIRST if one.key not in there]
    Task.objects.bulk_create(
        (
            Task(
                trial=trial,
                partner=partner,
                key=one.key,
                title=one.title,
                hint=one.hint,
                days=one.days,
                due_on=_due(launch_on, one.days),
                href=f"{here}{one.page}/" if one.page else "",
            )
            for one in missing
        ),
        ignore_conflicts=True,
    )
    if missing:
        tell(
            "tasks.seeded",
            by=by,
            now=now,
            trial=trial,
            partner=partner,
            details={"tasks": len(missing)},
        )
        follow_records(trial=trial, partner=partner, by=by, now=now)
    return len(missing)


def seed_missing(*, now: datetime) -> int:
    """Give their first tasks to partners that came into a trial through its protocol.

    Returns
    -------
    int
        How many partners had none.
    """
    served = set(Task.objects.values_list("trial_id", "partner_id").distinct())
    every = Participation.objects.select_related("trial__programme", "partner__programme")
    missing = [one for one in every if (one.trial_id, one.partner_id) not in served]
    for one in missing:
        seed_tasks(trial=one.trial, partner=one.partner, by=SYSTEM, now=now)
    return len(missing)


@transaction.atomic
def add_task(
    *,
    trial: Trial,
    partner: Partner,
    key: str,
    title: str,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
    days: int | None = None,
    hint: str = "",
    href: str = "",
) -> Task:
    """Add a task, or bring the one with this key up to date; one that is done stays as it is.

    Parameters
    ----------
    due_on
        When it is due; a task moved by hand keeps its day.
    days
        Days from the launch agreed, instead of ``due_on``; negative before it.
    href
        The page where it is done; without one it is ticked off on the list.
    """
    must_take_part(trial, partner)
    if due_on is None and days is not None:
        due_on = _due(_launch(trial, partner), days)
    task, is_new = Task.objects.select_for_update().get_or_create(
        trial=trial, partner=partner, key=key, defaults={"title": title, "days": days}
    )
    before = (task.title, task.hint, task.href, task.days, task.due_on)
    if task.done_at is None:
        task.title, task.hint, task.href = title, hint, href
        if not task.moved_reason:
            task.days, task.due_on = days, due_on
    changed = before != (task.title, task.hint, task.href, task.days, task.due_on)
    if is_new or changed:
        task.revision += 0 if is_new else 1
        save_checked(task)
        _tell("task.added" if is_new else "task.updated", task, by=by, now=now)
    return task


@transaction.atomic
def complete_task(
    *, trial: Trial, partner: Partner, key: str, by: Actor, now: datetime
) -> Task | None:
    """Mark a task as done; one done already keeps who did it. Nothing where there is none."""
    task = _find(trial, partner, key)
    if task is None or task.done_at is not None:
        return task
    task.done_at, task.done_by = now, person(by)
    task.revision += 1
    save_checked(task)
    _tell("task.done", task, by=by, now=now)
    return task


@transaction.atomic
def reopen_task(
    *, trial: Trial, partner: Partner, key: str, by: Actor, now: datetime
) -> Task | None:
    """Mark a task as not done after all. Nothing where there is none."""
    task = _find(trial, partner, key)
    if task is None or task.done_at is None:
        return task
    task.done_at, task.done_by = None, None
    task.revision += 1
    save_checked(task)
    _tell("task.reopened", task, by=by, now=now)
    return task


@transaction.atomic
def move_task(
    *, task: Task, due_on: date, reason: str, revision: int, by: Actor, now: datetime
) -> Task:
    """Give a task another day, with a reason; it then no longer follows the launch."""
    task = _locked(task)
    check_revision(task, revision)
    if task.done_at is not None:
        raise RefusedError("the task is done", remedy="Mark it as not done first")
    if not reason.strip():
        raise RefusedError("there is no reason", where="Reason", remedy="Say why in a sentence")
    refuse_personal(reason=reason)
    task.due_on, task.moved_reason = due_on, reason
    task.revision += 1
    save_checked(task)
    _tell("task.moved", task, by=by, now=now)
    return task


def place_tasks(*, trial: Trial, partner: Partner, launch_on: date | None) -> None:
    """Count the days of tasks from a launch; those done, or moved by hand, stay.

    Call it inside the act that sets the launch.
    """
    for task in Task.objects.filter(
        trial=trial, partner=partner, done_at=None, moved_reason="", days__isnull=False
    ):
        due_on = _due(launch_on, task.days)
        if due_on != task.due_on:
            task.due_on = due_on
            task.revision += 1
            task.save(update_fields=("due_on", "revision"))


@transaction.atomic
def follow_records(*, trial: Trial, partner: Partner, by: Actor, now: datetime) -> None:
    """Bring the tasks that an agreement or a named officer settles in step with the records."""
    agreement = Agreement.objects.filter(trial=trial, partner=partner).first() or Agreement()
    settled = {
        "agreement": agreement.state == Signing.SIGNED,
        "launch": agreement.launch_on is not None,
        "route": agreement.contact_route != "",
        "officers": Officer.objects.filter(trial=trial, partner=partner).exists(),
    }
    for key, is_done in settled.items():
        act = complete_task if is_done else reopen_task
        act(trial=trial, partner=partner, key=key, by=by, now=now)


def _launch(trial: Trial, partner: Partner) -> date | None:
    agreement = Agreement.objects.filter(trial=trial, partner=partner).first()
    return agreement.launch_on if agreement else None


def _due(launch_on: date | None, days: int | None) -> date | None:
    return None if launch_on is None or days is None else launch_on + timedelta(days=days)


def _find(trial: Trial, partner: Partner, key: str) -> Task | None:
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("trial__programme", "partner")
        .filter(trial=trial, partner=partner, key=key)
        .first()
    )


def _locked(task: Task) -> Task:
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("trial__programme", "partner")
        .get(pk=task.pk)
    )


def _tell(act: str, task: Task, *, by: Actor, now: datetime) -> None:
    tell(act, by=by, now=now, trial=task.trial, partner=task.partner, details={"task": task.key})
