"""An allocated trial, and its archive with results, made once."""

import atexit
import shutil
import tempfile
from pathlib import Path

import pytest

from lighttouch.web.analysis.commands import export_archive
from lighttouch.web.programmes.models import Stage, Trial
from tests.web.cast import NOW, Cast
from tests.web.studies import world

_made: list[Path] = []


def unblind(trial: Trial) -> Trial:
    """Put a trial where its results are open."""
    Trial.objects.filter(pk=trial.pk).update(stage=Stage.LOCKED, unblinded_at=NOW)
    trial.refresh_from_db()
    return trial


@pytest.fixture
def cast(db: None) -> Cast:
    """The letters trial, drawn."""
    return world("allocated")


@pytest.fixture
def exported(cast: Cast) -> Path:
    """The archive of the unblinded trial as the command line wrote it; do not change it."""
    unblind(cast.trial)
    if not _made:
        folder = Path(tempfile.mkdtemp(prefix="lighttouch-exported-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        export_archive("letters", folder / "archive", say=lambda _line: None)
        _made.append(folder / "archive")
    return _made[0]
