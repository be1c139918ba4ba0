"""The simulated trials, each taken as far as its stage through the actions of the site."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from lighttouch.core.archive.layout import DELIVERIES, RESPONSES, UPTAKE
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.people import Partner as DeclaredPartner
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.simulation.study import simulate_study
from lighttouch.web.accounts.models import User
from lighttouch.web.allocation import actions as allocation
from lighttouch.web.allocation import unblinding
from lighttouch.web.analysis.actions import attach_table, build_archive
from lighttouch.web.config.demonstration.people import People, invite_coordinator
from lighttouch.web.enrolment import actions as enrolment
from lighttouch.web.partners.actions import Terms, save_agreement
from lighttouch.web.partners.models import ContactRoute, Signing
from lighttouch.web.programmes.models import Partner, Programme, Trial
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.returns import actions as returns
from lighttouch.web.returns import queries
from lighttouch.web.returns.models import Version

Say = Callable[[str], None]
LAUNCH = re.compile(r"^launch = (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
EXPLAINED = "We looked into it: this is how our records have it."


def load_letters(programme: Programme, people: People, say: Say, seed: int) -> Trial:
    """Take the letters trial to its end: drawn, collected, locked, unblinded, reported."""
    text = library_text("letters")
    with simulated(text, seed) as study:
        trial = _register(programme, text, study, people)
        registered = _registered_at(text)
        _send_wave(trial, study, "baseline", people, registered)
        drawn = _draw(trial, people, registered + timedelta(weeks=9))
        ended = drawn + timedelta(weeks=30)
        _send_wave(trial, study, "endline", people, ended)
        for name in (RESPONSES, DELIVERIES, UPTAKE):
            if (study / name).is_file():
                content = (study / name).read_bytes()
                attach_table(trial=trial, name=name, content=content, by=people.manager, now=ended)
    say("  letters: locking, unblinding and reporting")
    _open_results(trial, people, ended + timedelta(days=14))
    return trial


def load_goal_setting(
    programme: Programme, people: People, now: datetime, say: Say, seed: int
) -> Trial:
    """Take goal-setting into its baseline: some returns signed off, some wanting, one missing."""
    text = shift_launches(library_text("goal_setting"), (now + timedelta(days=24)).date())
    with simulated(text, seed) as study:
        trial = _register(programme, text, study, people, at=now - timedelta(weeks=8))
        say("  goal-setting: returns coming in")
        files = _files(study, "baseline")
        for index, path in enumerate(files[:-1]):
            content = path.read_bytes()
            by, partner = _coordinator(programme, path, people, now)
            version = _receive(trial, partner, path, content, by, now - timedelta(days=index))
            if index < len(files) - 3:
                _settle(trial, partner, by, version.number, now)
        _spoil(trial, files[-2], people, now)
    return trial


def load_coffee(programme: Programme, people: People, now: datetime, seed: int) -> Trial:
    """Take the coffee trial to just before the draw: proposed, waiting for a second person."""
    text = shift_launches(library_text("coffee"), (now + timedelta(days=6)).date())
    with simulated(text, seed) as study:
        yesterday = now - timedelta(days=1)
        trial = collect_baseline(programme, text, study, people, yesterday, ContactRoute.HELD)
    allocation.propose(trial=trial, by=people.manager, now=now - timedelta(hours=2))
    return trial


def collect_baseline(
    programme: Programme,
    text: str,
    study: Path,
    people: People,
    now: datetime,
    route: ContactRoute,
) -> Trial:
    """Register a protocol eight weeks ago, sign off its baseline, and freeze its roster."""
    began = now - timedelta(weeks=8)
    trial = _register(programme, text, study, people, at=began, route=route)
    _send_wave(trial, study, "baseline", people, now - timedelta(days=1))
    _freeze(trial, people, now)
    return trial


def load_draft(programme: Programme, people: People, now: datetime) -> Trial:
    """Leave a protocol waiting for its review."""
    trial = protocols.create_trial(
        programme=programme, text=library_text("gratitude"), by=people.researcher, now=now
    )
    version = trial.versions.get(number=1)
    protocols.submit(version=version, by=people.researcher, now=now)
    return trial


def shift_launches(text: str, first: date) -> str:
    """Move every launch of a trial file so that the earliest is on a day."""
    days = [date.fromisoformat(found) for found in LAUNCH.findall(text)]
    by = first - min(days)
    return LAUNCH.sub(lambda m: f"launch = {date.fromisoformat(m[1]) + by}", text)


@contextmanager
def simulated(text: str, seed: int) -> Iterator[Path]:
    """Give the study folder the core simulates for a trial file."""
    with tempfile.TemporaryDirectory(prefix="lighttouch-demo-") as scratch:
        simulate_study(text, seed=seed, folder=Path(scratch) / "study")
        yield Path(scratch) / "study"


def _register(
    programme: Programme,
    text: str,
    study: Path,
    people: People,
    at: datetime | None = None,
    route: ContactRoute = ContactRoute.HELD,
) -> Trial:
    """Write, review and register a protocol, with the secret the simulation drew from."""
    now = at or _registered_at(text)
    trial = protocols.create_trial(
        programme=programme, text=text, by=people.researcher, now=now - timedelta(days=9)
    )
    version = trial.versions.get(number=1)
    protocols.submit(version=version, by=people.researcher, now=now - timedelta(days=8))
    version.refresh_from_db()
    protocols.approve(version=version, by=people.second, now=now - timedelta(days=2))
    secret = bytes.fromhex((study / "secret.key").read_text(encoding="ascii").strip())
    protocols.register(trial=trial, by=people.manager, now=now, secret=secret)
    trial.refresh_from_db()
    returns.open_wave_returns(trial=trial, by=people.manager, now=now)
    _agree(trial, text, people, now, route)
    return trial


def _agree(trial: Trial, text: str, people: People, now: datetime, route: ContactRoute) -> None:
    """Sign the agreement of every partner that takes part, with the launch the file declares."""
    declared: tuple[DeclaredPartner, ...] = tuple(parse_trial(text).population.partners)
    for number, one in enumerate(declared, start=1):
        if one.status != "recruited" or one.launch is None:
            continue
        signed = (now - timedelta(days=3)).date()
        terms = Terms(
            state=Signing.SIGNED,
            reference=f"Agreement {number} for {trial.slug}",
            sent_on=signed - timedelta(days=18),
            signed_on=signed,
            launch_on=one.launch,
            contact_route=route,
        )
        partner = Partner.objects.get(programme=trial.programme, code=one.id)
        save_agreement(
            trial=trial, partner=partner, terms=terms, revision=0, by=people.manager, now=now
        )


def _registered_at(text: str) -> datetime:
    """Return a Monday morning eleven weeks before the first launch."""
    partners: tuple[DeclaredPartner, ...] = tuple(parse_trial(text).population.partners)
    first = min(one.launch for one in partners if one.launch)
    return datetime.combine(first - timedelta(weeks=11), time(9), tzinfo=UTC)


def _files(study: Path, wave: str) -> list[Path]:
    return sorted((study / "returns").glob(f"*/{wave}.*"))


def _coordinator(
    programme: Programme, path: Path, people: People, now: datetime
) -> tuple[User, Partner]:
    partner = Partner.objects.select_related("programme").get(
        programme=programme, code=path.parent.name
    )
    found = User.objects.filter(email=f"coordinator.{partner.code}@example.org").first()
    return found or invite_coordinator(partner, people.manager, now), partner


def _send_wave(trial: Trial, study: Path, wave: str, people: People, now: datetime) -> None:
    for path in _files(study, wave):
        by, partner = _coordinator(trial.programme, path, people, now)
        version = _receive(trial, partner, path, path.read_bytes(), by, now)
        _settle(trial, partner, by, version.number, now)


def _receive(
    trial: Trial, partner: Partner, path: Path, content: bytes, by: User, now: datetime
) -> Version:
    return returns.receive(
        trial=trial,
        partner=partner,
        wave=path.stem,
        filename=path.name,
        content=content,
        by=by,
        now=now,
    )


def _settle(trial: Trial, partner: Partner, by: User, number: int, now: datetime) -> None:
    """Explain what asks for a word, and sign off."""
    for sent in queries.returns_of_partner(trial, partner, now):
        version = queries.current_version(sent.of)
        if version is None or version.number != number or sent.of.accepted_id is not None:
            continue
        for kind in queries.unexplained_kinds(version):
            returns.explain(version=version, kind=kind.id, text=EXPLAINED, by=by, now=now)
        returns.sign_off(sent=sent.of, number=number, by=by, now=now)


def _spoil(trial: Trial, path: Path, people: People, now: datetime) -> None:
    """Send a return whose look-back has more illness than absence, as happens."""
    by, partner = _coordinator(trial.programme, path, people, now)
    content = path.read_bytes()
    if path.suffix == ".csv":
        lines = content.decode("utf-8-sig").splitlines(keepends=True)
        content = "".join([*lines, lines[-1]]).encode()  # somebody is there twice
    _receive(trial, partner, path, content, by, now)


def _freeze(trial: Trial, people: People, now: datetime) -> None:
    enrolment.freeze(trial=trial, by=people.manager, now=now)
    trial.refresh_from_db()


def _draw(trial: Trial, people: People, now: datetime) -> datetime:
    _freeze(trial, people, now)
    proposal = allocation.propose(trial=trial, by=people.manager, now=now + timedelta(hours=1))
    drawn = now + timedelta(days=1)
    allocation.confirm(proposal=proposal, by=people.randomiser, now=drawn)
    proposal.refresh_from_db()
    allocation.draw(proposal=proposal, now=drawn)
    trial.refresh_from_db()
    return drawn


def _open_results(trial: Trial, people: People, now: datetime) -> None:
    reason = "Every return is in, and the plan was followed."
    unblinding.lock(trial=trial, reason=reason, by=people.manager, now=now)
    opened = unblinding.propose_unblinding(trial=trial, reason=reason, by=people.manager, now=now)
    unblinding.confirm_unblinding(unblinding=opened, by=people.second, now=now + timedelta(days=1))
    trial.refresh_from_db()
    build_archive(trial=trial, by=people.manager, now=now + timedelta(days=1))
