"""Enter a number of the funnel that rows here do not hold."""

from datetime import datetime

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.actions.common import check_revision, save_checked, tell
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import FunnelStage, Stage
from lighttouch.web.partners.queries.funnel import count_rows
from lighttouch.web.partners.words import refuse_formula, refuse_personal
from lighttouch.web.programmes.models import Programme
from lighttouch.web.ui.dates import day_of


@transaction.atomic
def enter_stage(
    *,
    programme: Programme,
    stage: Stage,
    partners: int | None,
    note: str,
    revision: int,
    by: User,
    now: datetime,
) -> FunnelStage:
    """Enter how many partners there were at a stage, and a note about it.

    Parameters
    ----------
    partners
        ``None`` takes the number back.
    revision
        The stage's when the page was opened; 0 where nothing was entered yet.

    Raises
    ------
    RefusedError
        If the funnel would rise, or rows here show more.
    """
    Programme.objects.select_for_update().get(pk=programme.pk)
    row = FunnelStage.objects.filter(programme=programme, stage=stage).first()
    row = row or FunnelStage(programme=programme, stage=stage, revision=0)
    check_revision(row, revision)
    refuse_personal(note=note)
    refuse_formula(note=note)
    if partners is not None:
        _check_falls(programme, stage, partners)
        _check_rows(programme, stage, partners, now)
    row.partners, row.note = partners, note
    row.revision += 1
    save_checked(row)
    tell(
        "funnel.entered",
        by=by,
        now=now,
        programme=programme,
        details={"stage": stage.value, "partners": -1 if partners is None else partners},
    )
    return row


def _check_falls(programme: Programme, stage: Stage, partners: int) -> None:
    order = list(Stage)
    entered = FunnelStage.objects.filter(programme=programme, partners__isnull=False)
    for other in entered.exclude(stage=stage):
        earlier = order.index(Stage(other.stage)) < order.index(stage)
        count = other.partners or 0
        if (earlier and count < partners) or (not earlier and count > partners):
            raise RefusedError(
                f"the number for “{Stage(other.stage).label}” is {count:,}, and partners only "
                "become fewer from stage to stage",
                where="Partners",
                remedy="Correct one of the two",
            )


def _check_rows(programme: Programme, stage: Stage, partners: int, now: datetime) -> None:
    order = list(Stage)
    rows = count_rows(programme, day_of(now))
    at_least = max(
        (count for key, count in rows.items() if order.index(key) >= order.index(stage)),
        default=0,
    )
    if partners < at_least:
        raise RefusedError(
            f"this site holds {at_least:,} at this stage or a later one",
            where="Partners",
            remedy=f"Give at least {at_least:,}, or leave the number empty",
        )
