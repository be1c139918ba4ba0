"""The archive as it was last built, and what is in it."""

from lighttouch.web.analysis import packing
from lighttouch.web.analysis.models import Build, Collected, Imported
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.queries import read_bytes


def newest_build(trial: Trial, *, with_results: bool | None = None) -> Build | None:
    """Return the archive built last, of those with or without results if that matters."""
    builds = Build.objects.filter(trial=trial).select_related("file")
    if with_results is not None:
        builds = builds.filter(with_results=with_results)
    return builds.first()


def newest_tables(trial: Trial) -> list[Collected]:
    """Return the newest of each table that was collected elsewhere."""
    found: dict[str, Collected] = {}
    for table in Collected.objects.filter(trial=trial).select_related("file", "added_by"):
        found.setdefault(table.name, table)
    return list(found.values())


def read_from(build: Build, name: str) -> bytes | None:
    """Return one file of an archive; None if it is not in it."""
    return packing.read_one(read_bytes(build.file), name)


def names_in(build: Build) -> list[str]:
    """Return the names of the files in an archive."""
    return packing.list_names(read_bytes(build.file))


def is_imported(trial: Trial) -> bool:
    """Say whether a trial came whole from another instance."""
    return Imported.objects.filter(trial=trial).exists()
