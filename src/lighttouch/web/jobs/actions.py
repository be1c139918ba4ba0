"""Start long work, and start it again."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.http import url_has_allowed_host_and_scheme

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.jobs import tasks
from lighttouch.web.jobs.models import UNFINISHED, Job, State
from lighttouch.web.jobs.registry import find_kind
from lighttouch.web.programmes.models import Partner, Trial


@transaction.atomic
def start(
    *,
    kind: str,
    key: str,
    by: Actor,
    now: datetime,
    arguments: Mapping[str, int | str] | None = None,
    trial: Trial | None = None,
    partner: Partner | None = None,
    title: str = "",
    then: str = "",
) -> Job:
    """Have something done in the background, once the transaction at hand is kept.

    Parameters
    ----------
    kind
        The name it was given by :func:`lighttouch.web.jobs.registry.job`.
    key
        What it is about: while one of that kind and key is unfinished, that one is returned.
    arguments
        Handed to the function: numbers of rows and codes, never a personal value.
    title
        Heading of the progress page, where the kind's own will not do.
    then
        Address on this site to go to afterwards.
    """
    known = find_kind(kind)
    if then and not (then.startswith("/") and url_has_allowed_host_and_scheme(then, None)):
        raise InputError("the address to go to afterwards is not on this site", where="then")
    job = Job(
        kind=kind,
        key=key,
        title=title or known.title,
        arguments=dict(arguments or {}),
        trial=trial,
        partner=partner,
        user=by if isinstance(by, User) else None,
        started_by=by.actor,
        then=then,
        created_at=now,
    )
    job.full_clean(validate_constraints=False)
    unfinished = Job.objects.filter(kind=kind, key=key, state__in=UNFINISHED)
    if (found := unfinished.first()) is not None:
        return found
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:  # somebody started the same at the same moment
        return unfinished.get()
    transaction.on_commit(partial(tasks.enqueue, job.uuid))
    return job


@transaction.atomic
def retry(*, job: Job, by: Actor, now: datetime) -> Job:
    """Start a failed job again; one that is not failed stays as it is.

    If the same was started anew meanwhile, that one is returned.
    """
    again = Job.objects.filter(kind=job.kind, key=job.key, state__in=UNFINISHED).first()
    if again is not None:
        return again
    restarted = Job.objects.filter(pk=job.pk, state=State.FAILED).update(
        state=State.WAITING,
        attempts=0,
        faults=[],
        what="",
        done=0,
        total=0,
        task_id="",
        due_at=Now(),
        started_at=None,
        finished_at=None,
    )
    if restarted:
        record(
            act="work.retried",
            by=by,
            now=now,
            programme=job.trial.programme.slug if job.trial else "",
            trial=job.trial.slug if job.trial else "",
            partner=job.partner.code if job.partner else "",
            details={"kind": job.kind, "job": str(job.uuid)},
        )
        transaction.on_commit(partial(tasks.enqueue, job.uuid))
    job.refresh_from_db()
    return job
