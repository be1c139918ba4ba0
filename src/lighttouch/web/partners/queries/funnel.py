"""How many partners were left at each stage: counted from rows, or entered for what went before."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from lighttouch.web.partners.models import Agreement, Expression, FunnelStage, Match, Signing, Stage
from lighttouch.web.programmes.models import Participation, Programme, Trial

ENTERED_ONLY = frozenset({Stage.ASKED, Stage.CODESIGN})
"""Stages no row here tells of: shown when a number was entered."""
OF_TRIALS = frozenset({Stage.MATCHED, Stage.AGREED, Stage.LAUNCHED})
"""Stages that one trial has numbers of its own for."""
THIS_TRIAL = "Matched to this trial"
ELSEWHERE = "Others were matched to other trials."


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many partners there were at a stage; ``rows`` and ``entered`` say where it is from."""

    stage: Stage
    label: str
    partners: int
    rows: int
    entered: int | None
    note: str

    @property
    def is_inferred(self) -> bool:
        """Whether it is known only from those who reached a later stage."""
        return self.partners > max(self.rows, self.entered or 0)


def funnel(
    programme: Programme, trial: Trial | None = None, today: date | None = None
) -> tuple[StageCount, ...]:
    """Return the stages of recruitment in order; the numbers never rise.

    Parameters
    ----------
    trial
        Count the last stages, from matching on, for this trial alone.
    today
        Launches up to this day count; the present day if not given.
    """
    today = today or timezone.localdate()
    rows = count_rows(programme, today, trial)
    entered, notes = _entered(programme)
    if trial is not None:
        for stage in OF_TRIALS:
            entered.pop(stage, None)
            notes.pop(stage, None)
        if rows[Stage.MATCHED] < count_rows(programme, today)[Stage.MATCHED]:
            notes[Stage.MATCHED] = ELSEWHERE
    return tuple(
        StageCount(
            stage=stage,
            label=THIS_TRIAL if trial and stage == Stage.MATCHED else stage.label,
            partners=count,
            rows=rows.get(stage, 0),
            entered=entered.get(stage),
            note=notes.get(stage, ""),
        )
        for stage, count in narrow(rows, entered).items()
    )


def narrow(rows: Mapping[Stage, int], entered: Mapping[Stage, int]) -> dict[Stage, int]:
    """Put counts of rows and numbers entered together so that they never rise.

    A stage holds at least whoever reached a later one. A stage that only has a number is left out
    where more are known to have gone further, and so is one that nobody is recorded at though
    some went past it.

    Examples
    --------
    >>> narrow({Stage.RESPONDED: 3, Stage.MATCHED: 2}, {Stage.ASKED: 152, Stage.RESPONDED: 35})
    {Stage.ASKED: 152, Stage.RESPONDED: 35, Stage.MATCHED: 2, Stage.AGREED: 0, Stage.LAUNCHED: 0}
    """
    found: dict[Stage, int] = {}
    later = 0
    for stage in reversed(Stage):
        given, counted = entered.get(stage), rows.get(stage, 0)
        if stage in ENTERED_ONLY:
            if given is None or given < later:
                continue
        elif given is None and counted == 0 and later > 0:
            continue
        later = max(given or 0, counted, later)
        found[stage] = later
    return dict(reversed(found.items()))


def count_rows(programme: Programme, today: date, trial: Trial | None = None) -> dict[Stage, int]:
    """Count the partners that rows here show at each stage, whatever became of them later."""
    answers = Expression.objects.filter(call__programme=programme)
    here = Q(trial__programme=programme) & (Q(trial=trial) if trial else Q())
    taking_part = set(Participation.objects.filter(here).values_list("partner_id", flat=True))
    matched = taking_part | set(
        Match.objects.filter(here, mistaken=False).values_list("partner_id", flat=True)
    )
    signed = Agreement.objects.filter(here, state=Signing.SIGNED)
    launched = (
        set(signed.filter(launch_on__lte=today).values_list("partner_id", flat=True)) & taking_part
    )
    return {
        Stage.RESPONDED: answers.count(),
        Stage.SHORTLISTED: answers.filter(shortlisted_at__isnull=False).count(),
        Stage.MATCHED: len(matched),
        Stage.AGREED: len(set(signed.values_list("partner_id", flat=True)) & matched),
        Stage.LAUNCHED: len(launched),
    }


def funnel_csv(
    programme: Programme, trial: Trial | None = None, today: date | None = None
) -> bytes:
    """Return the funnel as the archive's ``funnel.csv``, to the last stage anybody reached.

    Nothing at all where nobody reached any: there is no such file then.

    Parameters
    ----------
    trial, today
        As for :func:`funnel`.
    """
    stages = list(funnel(programme, trial, today))
    while stages and stages[-1].partners == 0:
        stages.pop()
    if not stages:
        return b""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("stage", "partners", "note"))
    writer.writerows((one.label, one.partners, one.note) for one in stages)
    return text.getvalue().encode()


def _entered(programme: Programme) -> tuple[dict[Stage, int], dict[Stage, str]]:
    rows = list(FunnelStage.objects.filter(programme=programme))
    return (
        {Stage(row.stage): row.partners for row in rows if row.partners is not None},
        {Stage(row.stage): row.note for row in rows if row.note},
    )
