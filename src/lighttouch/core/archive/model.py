"""What is in an archive, once read: frames and records, nothing that names a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lighttouch.core.protocol.registering import RegistrationRecord
from lighttouch.core.protocol.trial import Trial


@dataclass(frozen=True, slots=True)
class AllocationRecord:
    """Who drew what, from which inputs; enough to draw it again and compare.

    Parameters
    ----------
    algorithm
        Name and version of the draw, e.g. ``lighttouch-blocks-1``.
    generator
        The numpy bit generator the seed was given to.
    secret
        The secret, revealed by the draw (hexadecimal).
    commitment
        The hash of the secret published at registration.
    roster_sha256, protocol_sha256, allocation_sha256
        Hashes of the frozen roster, the registered trial file and ``allocation.csv``.
    design_sha256
        Hash of the version of the trial file in force at the draw, which declares its design: the
        registered one or an amendment.
    by, at
        Who ran the draw and when (ISO 8601).
    counts
        Units in each arm.
    """

    algorithm: str
    generator: str
    secret: str
    commitment: str
    roster_sha256: str
    protocol_sha256: str
    allocation_sha256: str
    by: str
    at: str
    counts: Mapping[str, int]
    design_sha256: str = ""


@dataclass(frozen=True, slots=True)
class DeviationReason:
    """The reason for a deviation, or a deviation nobody could compute.

    ``planned`` and ``done`` are filled where the deviation is not a computed one.
    """

    scope: str
    decision: str
    reason: str
    planned: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many findings one partner's return had at one wave; the findings themselves stay out."""

    partner: str
    wave: str
    blocking: int
    advisory: int


@dataclass(frozen=True, slots=True)
class Archive:
    """One trial's archive.

    Parameters
    ----------
    root
        The folder it was read from.
    trial, trial_text
        The trial file, parsed and as written.
    registration
        ``None`` when the trial was not registered.
    roster
        One row per person screened, ordered by ``participant``: ``participant``, ``partner``,
        ``staff_id``, ``excluded_because`` (empty text for those randomised), then the columns of
        the baseline return or the given table.
    allocation
        One row per unit, ordered by ``unit``: ``unit``, ``block``, ``stratum``, ``arm`` (text;
        empty where there is none) and ``probability`` (Float64, of the arm got). ``None`` before
        allocation.
    record
        How the draw was made; ``None`` for a trial randomised elsewhere or with one arm.
    returns
        Accepted returns by (partner, wave), with columns of ``returns.columns`` and extras.
    tables
        Tables of a given trial by wave: ``participant`` (as in the roster) and the columns used.
    responses, events, deliveries, uptake, quotes
        Tables with the columns of :mod:`lighttouch.core.archive.layout`, all text; ``None`` where
        the file was not given.
    funnel
        Stages of recruitment in their order: ``stage``, ``partners`` (Int64) and ``note``; ``None``
        where the file was not given.
    deviations
        Reasons given for deviations.
    findings
        How many findings the returns had when they were checked.
    """

    root: Path
    trial: Trial
    trial_text: str
    registration: RegistrationRecord | None
    roster: pl.DataFrame
    allocation: pl.DataFrame | None
    record: AllocationRecord | None
    returns: Mapping[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    responses: pl.DataFrame | None = None
    events: pl.DataFrame | None = None
    deliveries: pl.DataFrame | None = None
    uptake: pl.DataFrame | None = None
    quotes: pl.DataFrame | None = None
    funnel: pl.DataFrame | None = None
    deviations: tuple[DeviationReason, ...] = ()
    findings: tuple[FindingCount, ...] = ()
