"""Commands for partners' returns: write the template, check what came back."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lighttouch.cli.support import FAULT_EXIT, say, trial_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from lighttouch.core.protocol.trial import Trial
    from lighttouch.core.returns.findings import CheckedReturn, Finding

MOST_SHOWN = 40
MOST_ROWS = 8
_TRIAL = typer.Argument(help="A trial file, or the name of one in the library.", metavar="TRIAL")
_PARTNER = typer.Option(..., "--partner", help="The partner's id in the trial file.")
_WAVE = typer.Option("baseline", "--wave", help="The wave's id in the trial file.")
_OUT = typer.Option(None, "--out", help="Where to write it; PARTNER-WAVE.xlsx here if not said.")
_FILE = typer.Argument(help="The return: .xlsx, .ods or .csv.")
_STUDY = typer.Option(
    None, "--study", help="The study folder, to compare with returns already in it."
)
_FINDINGS = typer.Option(
    None, "--findings", help="Write a copy of the return with the findings marked, as .xlsx."
)


def template(
    trial: str = _TRIAL,
    partner: str = _PARTNER,
    wave: str = _WAVE,
    out: Path | None = _OUT,
) -> None:
    """Write the spreadsheet a partner fills in for one wave."""
    from lighttouch.core.returns.template import write_template

    path = out or Path(f"{partner}-{wave}.xlsx")
    write_template(_parse(trial), partner_id=partner, wave_id=wave, path=path)
    say(f"Wrote {path}. Send it to the partner; when it comes back filled in, check it:")
    say(f"lighttouch check-return {trial} RETURN --partner {partner} --wave {wave}")


def check_return(
    trial: str = _TRIAL,
    file: Path = _FILE,
    partner: str = _PARTNER,
    wave: str = _WAVE,
    study: Path | None = _STUDY,
    findings: Path | None = _FINDINGS,
) -> None:
    """Check a partner's return. Exits with 1 if it must go back."""
    from lighttouch.core.errors import InputError
    from lighttouch.core.returns.checking import check_return as check
    from lighttouch.core.returns.reading import read_return
    from lighttouch.core.returns.workbook import write_findings_workbook

    parsed = _parse(trial)
    if study is not None and not study.is_dir():
        raise InputError("there is no such folder", where=str(study), remedy="Check the path")
    raw = read_return(file, parsed, wave)
    earlier, others = _neighbours(parsed, study, partner, wave) if study else ({}, {})
    checked = check(
        raw, trial=parsed, partner_id=partner, wave_id=wave, earlier=earlier, others=others
    )
    _show(file, checked)
    if findings is not None:
        write_findings_workbook(file, checked, findings)
        say(f"Wrote {findings}: the return with every finding marked.")
    if checked.blocked:
        raise typer.Exit(FAULT_EXIT)
    say(f"Keep it in the study folder as returns/{partner}/{wave}{file.suffix.lower()}.")


def _parse(trial: str) -> "Trial":
    from lighttouch.core.protocol.reading import parse_trial

    return parse_trial(trial_source(trial), source=trial)


def _neighbours(
    trial: "Trial", study: Path, partner: str, wave: str
) -> tuple[dict[str, "pl.DataFrame"], dict[str, "pl.DataFrame"]]:
    """Read the same partner's earlier returns and the other partners' returns of this wave."""
    waves = [w.id for w in trial.waves]
    before = waves[: waves.index(wave)] if wave in waves else []
    earlier = {w: _frame(trial, study, partner, w) for w in before}
    partners = [p.id for p in trial.population.partners if p.id != partner]
    others = {p: _frame(trial, study, p, wave) for p in partners}
    return (
        {key: frame for key, frame in earlier.items() if frame is not None},
        {key: frame for key, frame in others.items() if frame is not None},
    )


def _frame(trial: "Trial", study: Path, partner: str, wave: str) -> "pl.DataFrame | None":
    from lighttouch.core.returns.checking import check_return as check
    from lighttouch.core.returns.reading import read_return

    folder = study / "returns" / partner
    for suffix in ("xlsx", "ods", "csv"):
        path = folder / f"{wave}.{suffix}"
        if path.is_file():
            raw = read_return(path, trial, wave)
            return check(raw, trial=trial, partner_id=partner, wave_id=wave).frame
    return None


def _alike(findings: "Sequence[Finding]") -> "list[list[Finding]]":
    """Put together what is the same fault of the same column, in the order found."""
    kinds: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        kinds.setdefault((one.blocks, one.sheet, one.column, one.fault, one.remedy), []).append(one)
    return list(kinds.values())


def _say_rows(others: "Sequence[Finding]") -> str:
    rows = [str(one.row) for one in others]
    if not rows:
        return ""
    more = f" and {len(rows) - MOST_ROWS} more" if len(rows) > MOST_ROWS else ""
    return f"; also rows {', '.join(rows[:MOST_ROWS])}{more}"


def _show(file: Path, checked: "CheckedReturn") -> None:
    block = sum(finding.blocks for finding in checked.findings)
    look = len(checked.findings) - block
    kinds = _alike(checked.findings)
    for first, *others in kinds[:MOST_SHOWN]:
        mark = "PUT RIGHT  " if first.blocks else "please look"
        say(f"{mark}  {first.place}{_say_rows(others)}")
        say(f"             {first.fault[:1].upper()}{first.fault[1:]}. {first.remedy}.")
    if len(kinds) > MOST_SHOWN:
        say(f"… and {sum(len(kind) for kind in kinds[MOST_SHOWN:])} more.")
    rows = f"{checked.frame.height:,} people"
    if block:
        say(f"{file.name}: {rows}; {block} to put right, {look} to look at. Send it back.")
    else:
        say(f"{file.name}: {rows}; nothing to put right, {look} to look at.")
