"""Building an archive takes a while."""

from django.utils import timezone

from lighttouch.web.analysis.actions import build_archive
from lighttouch.web.jobs.registry import job
from lighttouch.web.jobs.runs import Run
from lighttouch.web.programmes.models import Trial


@job("archive.build", title="Building the archive")
def build(run: Run, trial: str) -> None:
    """Build a trial's archive and keep it."""
    found = Trial.objects.select_related("programme").get(slug=trial)
    build_archive(trial=found, by=run.by, now=timezone.now(), progress=run.progress)
