"""What a partner has to do, what was agreed with it, and when it launches."""

from datetime import date

from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import Agreement, ContactRoute, Officer, Signing, Task
from lighttouch.web.programmes.models import Participation, Partner, Trial


def tasks(partner: Partner, trial: Trial) -> list[Task]:
    """Return a partner's tasks for a trial: by day, those without a day last."""
    found = Task.objects.filter(trial=trial, partner=partner)
    return list(found.select_related("trial", "partner", "done_by"))


def tasks_of(trial: Trial, partner: Partner) -> list[Task]:
    """Return a partner's tasks for a trial; :func:`tasks` with the trial first."""
    return tasks(partner, trial)


def tasks_of_trial(trial: Trial) -> list[Task]:
    """Return the tasks of every partner of a trial, with their partners, by day."""
    return list(Task.objects.filter(trial=trial).select_related("partner"))


def late_tasks(trial: Trial, today: date) -> list[Task]:
    """Return the tasks of a trial whose day has passed, oldest first, with their partners."""
    return list(
        Task.objects.filter(trial=trial, done_at=None, due_on__lt=today).select_related("partner")
    )


def next_task(partner: Partner, trial: Trial) -> Task | None:
    """Return the first task not done, if there is one."""
    return Task.objects.filter(trial=trial, partner=partner, done_at=None).first()


def agreement(partner: Partner, trial: Trial) -> Agreement:
    """Return what was agreed with a partner; one not kept yet where nothing was."""
    found = Agreement.objects.filter(trial=trial, partner=partner).first()
    return found or Agreement(trial=trial, partner=partner, state=Signing.DRAFT)


def contact_route(trial: Trial, partner: Partner) -> ContactRoute:
    """Say who holds contact details; the partner, until something else is agreed."""
    return ContactRoute(agreement(partner, trial).contact_route or ContactRoute.HELD)


def agreed_launches(trial: Trial) -> dict[str, date]:
    """Return the launch dates agreed, by the code of the partner."""
    rows = Agreement.objects.filter(trial=trial, launch_on__isnull=False)
    return {
        one.partner.code: one.launch_on for one in rows.select_related("partner") if one.launch_on
    }


def officers(partner: Partner, trial: Trial) -> list[Officer]:
    """Return the people at a partner we may write to; personal, for the right pages only."""
    return list(Officer.objects.filter(trial=trial, partner=partner))


def must_take_part(trial: Trial, partner: Partner) -> None:
    """Raise if a partner does not take part in a trial."""
    if not Participation.objects.filter(trial=trial, partner=partner).exists():
        raise RefusedError(
            "the partner does not take part in this trial",
            where="Partner",
            remedy="Match it to the trial first",
        )
