"""Work on the work itself: send what is due, and clear up."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from lighttouch.web.accounts import actions as accounts
from lighttouch.web.jobs.models import Worker
from lighttouch.web.jobs.registry import periodic
from lighttouch.web.notices.sending import send_due

FINISHED = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)


@periodic("notices.send", every=timedelta(seconds=5))
def send_notices(now: datetime) -> None:
    """Send the e-mail that is due, even while every worker is busy with something long."""
    send_due(now)


@periodic("work.clear_up", every=timedelta(hours=1))
def clear_up(_now: datetime) -> None:
    """Forget what the queue has handed out, and workers long gone; the jobs themselves stay."""
    old = Now() - timedelta(days=1)
    done = Q(status__in=FINISHED, finished_at__lt=old)
    abandoned = Q(status=TaskResultStatus.RUNNING, started_at__lt=Now() - timedelta(days=7))
    DBTaskResult.objects.filter(done | abandoned).delete()
    Worker.objects.filter(seen_at__lt=old).delete()


@periodic("accounts.clear_up", every=timedelta(days=1))
def clear_up_accounts(now: datetime) -> None:
    """Forget links, sessions and receipts of forms that ended long ago."""
    accounts.clear_up(now=now)
