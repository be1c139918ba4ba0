"""From the bytes of an upload to what is kept of it: the core's checks, and ours about files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import polars as pl

from lighttouch.core.errors import LighttouchError
from lighttouch.core.progress import Progress, no_progress
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.findings import CheckedReturn, Finding
from lighttouch.core.returns.guarding import detect_kind, open_package
from lighttouch.core.returns.reading import read_return
from lighttouch.web.returns.convert import count_return, group_findings
from lighttouch.web.returns.models import State
from lighttouch.web.returns.privacy import PERSONAL_CODES, look_elsewhere, without_properties
from lighttouch.web.returns.resting import resting

STEPS = ("Opening the file", "Reading the rows", "Checking every row", "Looking for names")
_READ_AS = {".xlsx": ".xlsx", ".ods": ".ods", ".csv": ".csv", ".txt": ".csv", ".tsv": ".csv"}
_MACROS = (".xlsm", ".xlsb", ".xltm", ".xlam")
_SAVE_AS_XLSX = "Choose Save As, the type Excel Workbook (.xlsx), and send that file"
_UNREADABLE = "unreadable"
_PLAIN_SHEET = re.compile(
    r"(?i)return(\.csv)?|staff return|the workbook|sheet ?[0-9]{1,3}|baseline"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a return is checked against.

    ``earlier`` are the accepted frames of the partner's earlier waves by wave, ``others`` those
    of other partners at this wave by partner.
    """

    trial: Trial
    partner: str
    wave: str
    earlier: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    others: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a check came to.

    ``kept`` is the file without its properties; nothing is kept of one that holds personal details
    or could not be opened. ``frame`` is there unless something blocks.
    """

    state: State
    findings: tuple[Finding, ...]
    suffix: str = ""
    kept: bytes | None = None
    frame: pl.DataFrame | None = None
    counts: Mapping[str, object] = field(default_factory=dict)

    @property
    def kinds_to_explain(self) -> int:
        """How many kinds of finding ask for a word."""
        if self.state != State.TO_EXPLAIN:
            return 0
        return len(group_findings(self.findings))


def suffix_of(filename: str) -> str:
    r"""Return the kind a file's name says it is; nothing else of the name is ever used.

    Examples
    --------
    >>> suffix_of("../../etc/Return (2).XLSX"), suffix_of(r"C:\staff\list.csv"), suffix_of("x")
    ('.xlsx', '.csv', '')
    """
    suffix = PurePosixPath(filename.replace("\\", "/").strip()).suffix.lower()
    return suffix if suffix in (*_READ_AS, *_MACROS, ".xls") else ""


def examine(
    content: bytes, suffix: str, context: Context, progress: Progress = no_progress
) -> Examined:
    """Check a file; nothing it holds makes this raise.

    Parameters
    ----------
    content, suffix
        The file, and what its name ends in.
    context
        What it should be.
    progress
        Told step by step.
    """
    progress(STEPS[0], 0, len(STEPS))
    if suffix in _MACROS:
        return _refuse("the file is a workbook with macros, which are never opened here")
    if suffix == ".xls":
        return _refuse("the file is in the old .xls format")
    if suffix not in _READ_AS:
        return _refuse("the file is not a spreadsheet we can read", "Send .xlsx, .ods or .csv")
    kind = _READ_AS[suffix]
    try:
        with resting(content, kind) as path:
            _refuse_macros(path)
            progress(STEPS[1], 1, len(STEPS))
            raw = read_return(path, context.trial, context.wave)
            progress(STEPS[2], 2, len(STEPS))
            checked = check_return(
                raw,
                trial=context.trial,
                partner_id=context.partner,
                wave_id=context.wave,
                earlier=context.earlier,
                others=context.others,
            )
            progress(STEPS[3], 3, len(STEPS))
            elsewhere = _elsewhere(path, kind, raw.sheet, context)
        return _conclude(checked, elsewhere, kind, context, without_properties(content))
    except _Macros:
        return _refuse("the workbook has macros, which are never opened here")
    except LighttouchError as error:
        return Examined(State.BLOCKED, tuple(_unreadable(f.what, f.remedy) for f in error.faults))


class _Macros(Exception):  # noqa: N818 - never leaves this module
    """The package holds code."""


def _refuse_macros(path: Path) -> None:
    if detect_kind(path) == "csv":
        return
    with open_package(path) as package:
        names = [name.lower() for name in package.namelist()]
    if any(
        name.endswith("vbaproject.bin")
        or name.startswith(("xl/macrosheets/", "basic/", "scripts/"))
        for name in names
    ):
        raise _Macros


def _elsewhere(path: Path, kind: str, sheet: str, context: Context) -> list[Finding]:
    if kind == ".csv":
        return []
    return look_elsewhere(path, sheet, context.trial, context.wave)


def _conclude(
    checked: CheckedReturn,
    elsewhere: Iterable[Finding],
    kind: str,
    context: Context,
    kept: bytes,
) -> Examined:
    findings = (*elsewhere, *checked.findings)
    if any(finding.code in PERSONAL_CODES for finding in findings):
        return Examined(State.PURGED, _places_only(findings), kind)
    if checked.blocked:
        return Examined(State.BLOCKED, findings, kind, kept)
    return Examined(
        State.TO_EXPLAIN if findings else State.CLEAN,
        findings,
        kind,
        kept,
        checked.frame,
        count_return(checked.frame, context.earlier),
    )


def _places_only(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of a file that is deleted: what is personal blocks, no sheet's own name.

    A sheet's name is the only text in a finding that the file chose.
    """
    shown = []
    for one in findings:
        finding = one
        sheet = finding.sheet if _PLAIN_SHEET.fullmatch(finding.sheet) else "The return's sheet"
        if finding.code == "personal_note":
            remedy = "Delete it"
            fault = finding.fault.partition(";")[0]
            finding = replace(finding, blocks=True, fault=fault, remedy=remedy)
        shown.append(replace(finding, sheet=sheet))
    return tuple(sorted(shown, key=lambda f: not f.blocks))


def _refuse(fault: str, remedy: str = _SAVE_AS_XLSX) -> Examined:
    return Examined(State.BLOCKED, (_unreadable(fault, remedy),))


def _unreadable(fault: str, remedy: str) -> Finding:
    return Finding("", None, "", fault, remedy, blocks=True, code=_UNREADABLE)
