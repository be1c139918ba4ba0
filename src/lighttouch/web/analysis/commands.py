"""What ``lighttouch archive export`` and ``lighttouch archive import`` do."""

from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.core.errors import InputError
from lighttouch.core.progress import Progress, no_progress
from lighttouch.web.analysis import packing
from lighttouch.web.analysis.actions import build_archive, import_folder
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.queries import read_bytes

Say = Callable[[str], None]


def export_archive(
    slug: str, out: Path, say: Say = print, progress: Progress = no_progress
) -> None:
    """Write a trial's archive as a folder.

    Raises
    ------
    InputError
        If there is no such trial.
    """
    trial = Trial.objects.select_related("programme").filter(slug=slug).first()
    if trial is None:
        known = ", ".join(Trial.objects.values_list("slug", flat=True)) or "none yet"
        raise InputError("there is no such trial here", where=slug, remedy=f"Name one of: {known}")
    build = build_archive(trial=trial, by=OPERATOR, now=timezone.now(), progress=progress)
    with whole_or_nothing(out) as folder:
        packing.unpack(read_bytes(build.file), folder)
    note_export(trial=trial, manifest=build.manifest_sha256)
    say(f"Archive: {out}")
    if not build.with_results:
        say("Without results: the trial is not unblinded. Whoever has it all can compute them.")
    say(f"Anyone can check it: lighttouch verify {out}")


@transaction.atomic
def note_export(*, trial: Trial, manifest: str) -> None:
    """Record that an archive left by the command line."""
    record(
        act="archive.exported",
        by=OPERATOR,
        now=timezone.now(),
        programme=trial.programme.slug,
        trial=trial.slug,
        details={"manifest": manifest},
    )


def import_archive(folder: Path, say: Say = print, progress: Progress = no_progress) -> None:
    """Take in an archive of another instance."""
    trial = import_folder(folder=folder, by=OPERATOR, now=timezone.now(), progress=progress)
    say(f"Imported {trial.slug}: every file, the results and the draw were checked.")
