"""What the roster would be if it were frozen now, from what is signed off so far."""

from dataclasses import dataclass
from functools import lru_cache

from lighttouch.core.archive.rostering import build_roster
from lighttouch.core.errors import Fault, LighttouchError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.web.enrolment.convert import count_reasons
from lighttouch.web.enrolment.tables import Exclusions, tabulate
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared, text_in_force
from lighttouch.web.returns.convert import frame_of
from lighttouch.web.returns.models import Return


@dataclass(frozen=True, slots=True)
class Preview:
    """What a roster frozen now would hold.

    Parameters
    ----------
    wave
        The wave whose returns it is made from.
    missing
        Recruited partners whose return is not signed off, by name; while there are any, the
        roster cannot be frozen.
    exclusions
        Counts so far; ``None`` while nothing is signed off or a rule cannot be applied.
    faults
        Why a rule cannot be applied.
    """

    wave: str
    wave_label: str
    missing: tuple[Partner, ...]
    exclusions: Exclusions | None
    faults: tuple[Fault, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether the roster can be frozen."""
        return self.exclusions is not None and not self.missing


def preview(trial: Trial) -> Preview:
    """Return what a roster frozen now would hold; nothing is kept."""
    protocol = declared(trial)
    wave = protocol.baseline_wave
    recruited = {p.id for p in protocol.population.partners if p.status == "recruited"}
    partners = {
        partner.code: partner
        for partner in Partner.objects.filter(programme=trial.programme_id, code__in=recruited)
    }
    accepted = {
        row.partner.code: row.accepted_id
        for row in Return.objects.filter(
            trial=trial, wave=wave.id, partner__code__in=recruited, accepted__isnull=False
        ).select_related("partner")
    }
    missing = sorted(
        (one for code, one in partners.items() if code not in accepted), key=lambda p: p.name
    )
    found: Exclusions | None = None
    faults: tuple[Fault, ...] = ()
    if accepted:
        try:
            versions = tuple(sorted(pk for pk in accepted.values() if pk is not None))
            counts = _count(trial.pk, protocol_sha256(text_in_force(trial)), versions)
            found = tabulate(protocol, dict(counts), {c: partners[c] for c in accepted})
        except LighttouchError as error:
            faults = error.faults
    return Preview(wave.id, wave.label, tuple(missing), found, faults)


@lru_cache(maxsize=32)
def _count(
    trial: int, _design_sha256: str, versions: tuple[int, ...]
) -> tuple[tuple[tuple[str, str], int], ...]:
    """Count by partner and reason: a function of the protocol in force and the returns."""
    protocol = declared(Trial.objects.get(pk=trial))
    rows = Return.objects.filter(accepted__in=versions).select_related(
        "partner", "accepted__canonical", "accepted__original", "accepted__for_return__partner"
    )
    frames = {
        (row.partner.code, row.wave): frame_of(row.accepted, protocol)
        for row in rows
        if row.accepted is not None
    }
    return tuple(sorted(count_reasons(build_roster(protocol, frames)).items()))
