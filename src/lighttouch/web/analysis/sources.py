"""A trial's answers and deliveries come from one source: this site, or a table from elsewhere."""

from collections.abc import Collection

from lighttouch.core.archive.layout import DELIVERIES, RESPONSES
from lighttouch.core.archive.tabular import parse_table
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.web.analysis.models import Collected
from lighttouch.web.delivery.sources import before_planning, sent_from_here
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.queries import read_bytes
from lighttouch.web.surveys.models import Survey
from lighttouch.web.surveys.sources import before_opening


@before_opening
def refuse_survey_beside_table(trial: Trial) -> None:
    """Refuse to open a survey where answers were given as a table.

    Raises
    ------
    InputError
        If there is such a table.
    """
    if Collected.objects.filter(trial=trial, name=RESPONSES).exists():
        raise InputError(
            "the trial's answers were given as a table, and come from one source only",
            where=RESPONSES,
            remedy="Go on collecting them there",
        )


def refuse_second_answers(trial: Trial, name: str) -> None:
    """Refuse a table of answers where the site asks its own survey; call it in a transaction.

    Raises
    ------
    ArchiveError
        If a survey was opened.
    """
    if name != RESPONSES:
        return
    Trial.objects.select_for_update(of=("self",)).get(pk=trial.pk)  # as opening a survey does
    if Survey.objects.filter(trial=trial).exists():
        raise ArchiveError(
            "a survey was opened here, and answers come from one source only",
            where=name,
            remedy="Let people answer on this site",
        )


def refuse_second_deliveries(trial: Trial, name: str, content: bytes) -> None:
    """Refuse a table with deliveries of what this site sends itself; others may stand beside them.

    Raises
    ------
    ArchiveError
        With each intervention that is in both; ``survey`` stands for messages of surveys.
    """
    if name != DELIVERIES:
        return
    Trial.objects.select_for_update(of=("self",)).get(pk=trial.pk)
    both = _interventions(content) & sent_from_here(trial)
    if both:
        raise ArchiveError(
            f"this site sends {', '.join(sorted(both))} itself, and both cannot be kept",
            where=name,
            remedy="Leave their rows out",
        )


@before_planning
def refuse_sending_beside_table(trial: Trial, interventions: Collection[str]) -> None:
    """Refuse to plan an intervention whose deliveries were given as a table.

    Raises
    ------
    InputError
        With each intervention that the table names.
    """
    newest = Collected.objects.filter(trial=trial, name=DELIVERIES).select_related("file").first()
    if newest is None:
        return
    both = _interventions(read_bytes(newest.file)) & set(interventions)
    if both:
        raise InputError(
            f"deliveries of {', '.join(sorted(both))} were given as a table",
            where=DELIVERIES,
            remedy="Take its messages out of the trial file, or give the table without it",
        )


def _interventions(content: bytes) -> set[str]:
    column = parse_table(content, where=DELIVERIES)["intervention"]
    return set(column.drop_nulls().to_list())
