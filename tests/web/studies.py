"""A trial far enough along for later stages, from the core's simulation through the real actions.

``world("cast")`` is the cast, and ``"asked"`` the letters trial registered and its partners asked
for returns; ``"returned"`` is that trial with every baseline return signed off;
``"enrolled"`` has its roster frozen, ``"allocated"`` is drawn. The first time, the acts are done;
later the rows they left are put back, which takes a fraction of the time. The secret is the
simulation's, so the draw comes out as the core's own did.

In a test package's ``conftest.py``::

    @pytest.fixture
    def cast(db: None) -> Cast:
        return world("enrolled")
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from lighttouch.core.simulation.study import simulate_study
from lighttouch.web.accounts.models import User
from lighttouch.web.allocation import actions as allocation
from lighttouch.web.enrolment import actions as enrolment
from lighttouch.web.programmes.models import Partner, Programme, Trial
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.protocols.models import Version as ProtocolVersion
from lighttouch.web.returns import actions as returns
from lighttouch.web.returns import queries
from tests.web.cast import NOW, Cast, make_cast
from tests.web.returns.cases import letters_text, register_letters

FROZEN_AT = NOW + timedelta(days=20)
PROPOSED_AT = FROZEN_AT + timedelta(hours=1)
DRAWN_AT = FROZEN_AT + timedelta(days=1)
SEED = 1


@cache
def simulated(text: str = "", seed: int = SEED) -> Path:
    """A study folder the core simulated, made once; do not change what is in it."""
    folder = Path(tempfile.mkdtemp(prefix="lighttouch-simulated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    simulate_study(text or letters_text(), seed=seed, folder=folder / "study")
    return folder / "study"


def register(cast: Cast, text: str = "", *, secret: bytes | None = None) -> Trial:
    """Register the trial of the cast (with this text, if it has none yet); ask for its returns."""
    version, _ = ProtocolVersion.objects.get_or_create(
        trial=cast.trial,
        number=1,
        defaults={
            "text": text or letters_text(),
            "author": cast["researcher"],
            "created_at": NOW,
        },
    )
    protocols.submit(version=version, by=cast["researcher"], now=NOW)
    protocols.approve(version=version, by=cast["second"], now=NOW)
    protocols.register(trial=cast.trial, by=cast["trial_manager"], now=NOW, secret=secret)
    cast.trial.refresh_from_db()
    returns.open_wave_returns(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    return cast.trial


def send_back(cast: Cast, path: Path) -> None:
    """Send the return at ``returns/<partner>/<wave>.<kind>`` and sign it off, explained."""
    by = cast["coordinator"]
    version = returns.receive(
        trial=cast.trial,
        partner=Partner.objects.get(programme=cast.programme, code=path.parent.name),
        wave=path.stem,
        filename=path.name,
        content=path.read_bytes(),
        by=by,
        now=NOW,
    )
    for kind in queries.unexplained_kinds(version):
        returns.explain(version=version, kind=kind.id, text="As held by us.", by=by, now=NOW)
    returns.sign_off(sent=version.for_return, number=version.number, by=by, now=NOW)


def baseline_files(study: Path) -> list[Path]:
    """The baseline returns of a study folder."""
    return sorted((study / "returns").glob("*/baseline.*"))


def reach_returned() -> Cast:
    """Register the letters trial, and sign off every partner's baseline."""
    cast, study = make_cast(), simulated()
    register(cast, secret=bytes.fromhex((study / "secret.key").read_text().strip()))
    for path in baseline_files(study):
        send_back(cast, path)
    return cast


def reach_enrolled() -> Cast:
    """Freeze the roster as well."""
    cast = world("returned")
    enrolment.freeze(trial=cast.trial, by=cast["trial_manager"], now=FROZEN_AT)
    return find_cast()


def reach_allocated() -> Cast:
    """Draw as well: proposed by the trial manager, confirmed by the randomiser."""
    cast = world("enrolled")
    proposal = allocation.propose(trial=cast.trial, by=cast["trial_manager"], now=PROPOSED_AT)
    allocation.confirm(proposal=proposal, by=cast["randomiser"], now=DRAWN_AT)
    allocation.draw(proposal=proposal, now=DRAWN_AT)
    return find_cast()


def reach_asked() -> Cast:
    """Register the letters trial, and ask its partners for their returns."""
    cast = world("cast")
    register_letters(cast)
    return find_cast()


REACH: dict[str, Callable[[], Cast]] = {
    "cast": make_cast,
    "asked": reach_asked,
    "returned": reach_returned,
    "enrolled": reach_enrolled,
    "allocated": reach_allocated,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stage left in the database, as the database gives it and takes it again."""

    rows: tuple[tuple[str, list[tuple[Any, ...]]], ...]
    numbering: str
    """What makes PostgreSQL number new rows after these."""


_kept: dict[str, Kept] = {}


def world(stage: str) -> Cast:
    """Return the cast with its trial at a stage, in an empty database."""
    if stage not in _kept:
        cast = REACH[stage]()
        _kept[stage] = _keep()
        return cast
    with transaction.atomic(), connection.cursor() as cursor:
        for insert, rows in _kept[stage].rows:
            cursor.executemany(insert, rows)
        if _kept[stage].numbering:
            cursor.execute(_kept[stage].numbering)
    return find_cast()


def _keep() -> Kept:
    rows, filled, quote = [], [], connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in _models():
            columns = [field.column for field in model._meta.concrete_fields]
            names, table = ", ".join(map(quote, columns)), quote(model._meta.db_table)
            cursor.execute(f"SELECT {names} FROM {table} ORDER BY {quote(model._meta.pk.column)}")
            if found := cursor.fetchall():
                places = ", ".join(["%s"] * len(columns))
                rows.append((f"INSERT INTO {table} ({names}) VALUES ({places})", found))
                filled.append(model)
    return Kept(tuple(rows), ";".join(connection.ops.sequence_reset_sql(no_style(), filled)))


def _models() -> Iterator[type[models.Model]]:
    """Every table of ours in the main database, and none of the libraries'."""
    for model in apps.get_models():
        label = model._meta.app_label
        if model.__module__.startswith("lighttouch.") and label != "contacts":
            yield model


def find_cast() -> Cast:
    """Return the cast that is in the database."""
    programme = Programme.objects.get(slug="programme")
    partners = {partner.code: partner for partner in programme.partners.all()}
    people = {user.email.partition("@")[0]: user for user in User.objects.all()}
    trial = Trial.objects.select_related("programme").get(slug="letters")
    return Cast(programme, trial, partners["dudley"], partners["shropshire"], people)
