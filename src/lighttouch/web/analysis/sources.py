"""A trial's answers come from one source: the site's surveys, or a table collected elsewhere."""

from lighttouch.core.archive.layout import RESPONSES
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.web.analysis.models import Collected
from lighttouch.web.programmes.models import Trial
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
