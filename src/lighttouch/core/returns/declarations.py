"""Whether a return is the one it should be, by what it says above its headings."""

from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.headings import normalise_heading
from lighttouch.core.returns.periods import Period
from lighttouch.core.returns.preamble import Declared

_FILLER = frozenset(
    ("council", "city", "county", "borough", "metropolitan", "district", "london", "royal", "of",
     "the", "and", "authority", "local", "unitary")
)  # fmt: skip


def check_declared(
    declared: Declared,
    trial: Trial,
    partner: Partner,
    wave_id: str,
    period: Period,
    findings: Findings,
) -> None:
    """Compare partner, collection, period and date with what this return should be."""
    _check_partner(declared, trial, partner, findings)
    _check_wave(declared, trial, wave_id, period, findings)
    if declared.retrieved is None:
        findings.add(
            "no_retrieval_date",
            fault="the return does not say when the data were retrieved",
            remedy="Fill in “Date data retrieved” above the headings",
            blocks=False,
        )
        return
    wave = trial.wave(wave_id)
    due = wave.collect.due.after(partner.launch) if wave.collect and partner.launch else period.end
    if declared.retrieved < min(due, period.last_day):
        findings.add(
            "retrieved_early",
            fault="the data were retrieved before the period ended",
            remedy="Retrieve them again once the period is over, or tell the research team why not",
            blocks=False,
        )


def _key(name: str) -> frozenset[str]:
    words = frozenset(normalise_heading(name).split())
    return words - _FILLER or words


def _check_partner(declared: Declared, trial: Trial, partner: Partner, findings: Findings) -> None:
    if declared.partner is None:
        findings.add(
            "no_partner_name",
            fault="the return does not say which organisation it is from",
            remedy="Fill in the organisation's name above the headings",
            blocks=False,
        )
        return
    said = _key(declared.partner)
    if said in (_key(partner.name), _key(partner.id)):
        return
    named = [p for p in trial.population.partners if said in (_key(p.name), _key(p.id))]
    other = f"it names {named[0].name}" if named else "it names an organisation we do not know"
    findings.add(
        "wrong_partner",
        fault=f"the return should be from {partner.name}, but {other}",
        remedy="Send the right file, or correct the organisation's name above the headings",
        blocks=True,
    )


def _check_wave(
    declared: Declared, trial: Trial, wave_id: str, period: Period, findings: Findings
) -> None:
    said = normalise_heading(declared.wave or "")
    waves = {normalise_heading(t): w.id for w in trial.waves for t in (w.id, w.label)}
    wrong_wave = said in waves and waves[said] != wave_id
    days = (declared.first_day, declared.last_day)
    wrong_period = None not in days and days != (period.start, period.last_day)
    if wrong_wave or wrong_period:
        findings.add(
            "wrong_wave",
            fault="the return is for another collection or period than the one expected "
            f"({trial.wave(wave_id).label}, {period.start:%d/%m/%Y} to {period.last_day:%d/%m/%Y})",
            remedy="Send the file for this collection, filled in for this period",
            blocks=True,
        )
