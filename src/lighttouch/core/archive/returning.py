"""Every partner's return at every wave, read and checked together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lighttouch.core.archive.layout import RETURNS
from lighttouch.core.archive.model import FindingCount
from lighttouch.core.errors import Fault, LighttouchError
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.findings import CheckedReturn
from lighttouch.core.returns.reading import read_return

FORMATS = (".xlsx", ".ods", ".csv")


@dataclass(frozen=True, slots=True)
class Collection:
    """What partners returned.

    Parameters
    ----------
    returns
        Accepted returns by (partner, wave).
    findings
        How many findings each of them had.
    faults
        Why others cannot be accepted; empty when all can.
    """

    returns: Mapping[tuple[str, str], pl.DataFrame]
    findings: tuple[FindingCount, ...]
    faults: tuple[Fault, ...]


def collect_returns(trial: Trial, study: Path, waves: Iterable[Wave]) -> Collection:
    """Read and check the returns of recruited partners; a return that is not there is left out.

    Waves are taken in trial-file order, so that each return is checked against the partner's
    earlier ones and against what other partners sent at the same wave.
    """
    returns: dict[tuple[str, str], pl.DataFrame] = {}
    findings: list[FindingCount] = []
    faults: list[Fault] = [*_list_strays(trial, study)]
    for wave in (wave for wave in waves if wave.collect is not None):
        for partner in recruited(trial):
            paths = return_files(study, partner.id, wave.id)
            if len(paths) > 1:
                faults.append(_too_many(partner, wave))
            if len(paths) != 1:
                continue
            try:
                checked = _check(paths[0], trial, partner, wave, returns)
            except LighttouchError as error:
                faults += [_place(fault, partner, paths[0]) for fault in error.faults]
                continue
            faults += _blocking(checked, partner, paths[0])
            returns[partner.id, wave.id] = checked.frame
            findings.append(_count(checked, partner, wave))
    return Collection(returns, tuple(findings), tuple(faults))


def recruited(trial: Trial) -> tuple[Partner, ...]:
    """Return the partners that take part."""
    return tuple(p for p in trial.population.partners if p.status == "recruited")


def return_files(study: Path, partner: str, wave: str) -> list[Path]:
    """Return the files a partner sent for a wave; there should be one."""
    paths = [study / RETURNS / partner / f"{wave}{suffix}" for suffix in FORMATS]
    return [path for path in paths if path.is_file()]


def _check(
    path: Path,
    trial: Trial,
    partner: Partner,
    wave: Wave,
    returns: Mapping[tuple[str, str], pl.DataFrame],
) -> CheckedReturn:
    return check_return(
        read_return(path, trial, wave.id),
        trial=trial,
        partner_id=partner.id,
        wave_id=wave.id,
        earlier={at: frame for (who, at), frame in returns.items() if who == partner.id},
        others={
            who: frame
            for (who, at), frame in returns.items()
            if who != partner.id and at == wave.id
        },
    )


def _list_strays(trial: Trial, study: Path) -> Iterator[Fault]:
    """Notice files that would be passed over in silence because of their name."""
    partners = {partner.id for partner in trial.population.partners}
    waves = {wave.id for wave in trial.waves if wave.collect is not None}
    for folder in sorted(path for path in (study / RETURNS).glob("*") if path.is_dir()):
        if folder.name not in partners:
            known = ", ".join(sorted(partners))
            yield Fault(
                "no partner of the trial has this folder's name",
                f"{RETURNS}/{folder.name}",
                f"Name it one of: {known}",
            )
            continue
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in FORMATS and path.stem not in waves:
                yield Fault(
                    "no wave with a return has this file's name",
                    f"{RETURNS}/{folder.name}/{path.name}",
                    f"Name it one of: {', '.join(sorted(waves))}",
                )


def _too_many(partner: Partner, wave: Wave) -> Fault:
    return Fault(
        "there are several files for one return",
        f"{RETURNS}/{partner.id}/{wave.id}",
        "Keep the one that holds",
    )


def _place(fault: Fault, partner: Partner, path: Path) -> Fault:
    where = f"{RETURNS}/{partner.id}/{path.name}"
    return Fault(fault.what, f"{where}, {fault.where}" if fault.where else where, fault.remedy)


def _blocking(checked: CheckedReturn, partner: Partner, path: Path) -> Iterator[Fault]:
    for finding in checked.findings:
        if finding.blocks:
            yield _place(Fault(finding.fault, finding.place, finding.remedy), partner, path)


def _count(checked: CheckedReturn, partner: Partner, wave: Wave) -> FindingCount:
    blocking = sum(finding.count for finding in checked.findings if finding.blocks)
    total = sum(finding.count for finding in checked.findings)
    return FindingCount(partner.id, wave.id, blocking, total - blocking)
