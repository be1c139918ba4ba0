"""Build a trial's archive, take one in, and take tables collected elsewhere."""

import tempfile
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lighttouch.core.archive.allocating import verify_allocation
from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.model import Archive
from lighttouch.core.errors import ArchiveError
from lighttouch.core.progress import Progress, no_progress
from lighttouch.web.accounts.models import User
from lighttouch.web.analysis import packing
from lighttouch.web.analysis.convert import check_table, manifest_sha256, write_full_study
from lighttouch.web.analysis.models import TABLES, Build, Collected, Imported
from lighttouch.web.analysis.queries import is_imported, newest_build
from lighttouch.web.analysis.sources import refuse_second_answers, refuse_second_deliveries
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.programmes.models import Participation, Partner, Programme, Stage, Trial
from lighttouch.web.protocols.queries import text_in_force
from lighttouch.web.storage.actions import keep


def write_archive(trial: Trial, out: Path, progress: Progress = no_progress) -> bool:
    """Write a trial's archive as a folder, and say whether results are in it.

    Results and report are made only once the trial is unblinded: before, whoever may have the
    data of a trial may still not know what they say.

    Raises
    ------
    LighttouchError
        If the trial's data do not make an archive yet; every reason is named.
    """
    # A second of libraries, which processes that report nothing are spared.
    from lighttouch.core.reporting.pipeline import run_trial

    with_results = trial.unblinded_at is not None
    with tempfile.TemporaryDirectory(prefix="lighttouch-") as scratch:
        study = Path(scratch) / "study"
        study.mkdir()
        progress("gathering what was collected", 0, 1)
        write_full_study(trial, study)
        if with_results:
            run_trial(text_in_force(trial), data=study, out=out, progress=progress)
        else:
            assemble_archive(text_in_force(trial), data=study, out=out)
    return with_results


def build_archive(
    *, trial: Trial, by: Actor, now: datetime, progress: Progress = no_progress
) -> Build:
    """Build a trial's archive and keep it; an imported trial's is the one that came.

    The long work is done before the transaction begins.
    """
    if is_imported(trial):
        found = newest_build(trial)
        assert found is not None
        return found
    with tempfile.TemporaryDirectory(prefix="lighttouch-") as scratch:
        folder = Path(scratch) / "archive"
        with_results = write_archive(trial, folder, progress)
        content, manifest = packing.pack(folder), manifest_sha256(folder)
    return _keep_build(
        trial=trial, content=content, manifest=manifest, with_results=with_results, by=by, now=now
    )


@transaction.atomic
def _keep_build(
    *, trial: Trial, content: bytes, manifest: str, with_results: bool, by: Actor, now: datetime
) -> Build:
    build = Build.objects.create(
        trial=trial,
        file=keep(content, now=now),
        with_results=with_results,
        manifest_sha256=manifest,
        built_at=now,
        actor=by.actor,
    )
    record(
        act="archive.built",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details={"manifest": manifest, "with_results": with_results},
    )
    return build


@transaction.atomic
def attach_table(*, trial: Trial, name: str, content: bytes, by: User, now: datetime) -> Collected:
    """Take a table that was collected elsewhere: answers, deliveries or use.

    Raises
    ------
    ArchiveError
        If it is no such table, or answers or deliveries of what this site asks or sends itself;
        every fault is named by row, never by what a cell says.
    """
    if name not in TABLES:
        raise ArchiveError("no such table is taken", where=name, remedy=f"Give {', '.join(TABLES)}")
    if trial.has_reached(Stage.LOCKED):
        raise ArchiveError("the data are locked", where=trial.slug, remedy="Nothing can be added")
    refuse_second_answers(trial, name)
    rows = check_table(trial, name, content)
    refuse_second_deliveries(trial, name, content)
    table = Collected.objects.create(
        trial=trial, name=name, file=keep(content, now=now), rows=rows, added_by=by, added_at=now
    )
    record(
        act="table.attached",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details={"table": name, "rows": rows, "sha256": table.file.sha256},
    )
    return table


def import_folder(
    *, folder: Path, by: Actor, now: datetime, progress: Progress = no_progress
) -> Trial:
    """Take in an archive of another instance, after checking all of it.

    Every file is compared with the manifest, results are computed again, and the draw is replayed.

    Raises
    ------
    ArchiveError
        If the archive is altered or incomplete, or there is such a trial here already.
    """
    from lighttouch.core.reporting.pipeline import check_results

    archive, same = check_results(folder, progress=progress)
    if same is False:
        raise ArchiveError(
            "the results are not what the data give",
            where="results.json",
            remedy="Write them again with: lighttouch report ARCHIVE",
        )
    if archive.record is not None and (faults := verify_allocation(folder).mismatches):
        raise ArchiveError(faults)
    return _take_in(
        archive=archive, content=packing.pack(folder), results=same is True, by=by, now=now
    )


@transaction.atomic
def _take_in(*, archive: Archive, content: bytes, results: bool, by: Actor, now: datetime) -> Trial:
    declared = archive.trial
    if Trial.objects.filter(slug=declared.id).exists():
        raise ArchiveError(
            "there is a trial with this id here already",
            where=declared.id,
            remedy="Open it, or import into another instance",
        )
    programme, _ = Programme.objects.get_or_create(
        slug="imported", defaults={"title": "Imported trials", "created_at": now}
    )
    trial = Trial.objects.create(
        programme=programme,
        slug=declared.id,
        title=declared.title,
        stage=Stage.LOCKED,
        created_at=now,
        unblinded_at=now if results else None,
    )
    for one in declared.population.partners:
        if one.status == "recruited":
            partner, _ = Partner.objects.get_or_create(
                programme=programme, code=one.id, defaults={"name": one.name}
            )
            Participation.objects.create(trial=trial, partner=partner)
    build = _keep_build(
        trial=trial,
        content=content,
        manifest=manifest_sha256(archive.root),
        with_results=results,
        by=by,
        now=now,
    )
    Imported.objects.create(trial=trial, build=build, imported_at=now, actor=by.actor)
    record(
        act="archive.imported",
        by=by,
        now=now,
        programme=programme.slug,
        trial=trial.slug,
        details={"manifest": build.manifest_sha256},
    )
    return trial
