"""Power under other assumptions than the file's: the core's own calculation, run again."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from lighttouch.core.errors import Fault, LighttouchError, ProtocolError
from lighttouch.core.power.model import OutcomePower, PowerReport
from lighttouch.core.protocol.analysis import PowerAssumptions
from lighttouch.core.protocol.checking import find_problems
from lighttouch.core.protocol.explaining import explain_shape
from lighttouch.core.protocol.problems import Problem
from lighttouch.core.protocol.trial import Trial

WHOLE = frozenset({"participants", "clusters"})
LISTS = frozenset({"cluster_sizes"})
LOUD = ("FEW CLUSTERS", "ONE OR TWO CLUSTERS", "NO SIGNIFICANCE", "NO DEGREES", "NO CLUSTERING")
"""How the warnings begin that nobody may miss."""

_LABELS = {
    "effect": ("Effect to be found", "In the outcome’s unit: {unit}."),
    "sd": ("Standard deviation of the outcome", "In its unit: {unit}."),
    "participants": ("Participants", "People allocated."),
    "clusters": ("Clusters", "Teams or buildings allocated."),
    "mean_cluster_size": ("Mean size of a cluster", "Participants in it."),
    "cluster_size_cv": (
        "Variation of cluster size",
        "Standard deviation over mean; 0 if all are alike.",
    ),
    "cluster_sizes": ("Size of every cluster", "Numbers with commas between them."),
    "icc": (
        "How alike members of a cluster are",
        "Intraclass correlation; 0.02 to 0.1 is common within workplaces.",
    ),
    "baseline_correlation": ("Correlation with the baseline", "Between 0 and 1."),
    "covariate_r2": ("Variance the covariates explain", "A share between 0 and 1."),
    "response": ("Response", "Share who answer, between 0 and 1."),
    "attrition": ("Attrition", "Share lost before the outcome, between 0 and 1."),
    "power": ("Power aimed for", "0.8 is usual."),
    "significance": ("Significance", "Two-sided; 0.05 is usual."),
}


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption as a field of a form: as in the file, and as tried."""

    name: str
    label: str
    hint: str
    registered: str
    tried: str
    fault: str = ""

    @property
    def changed(self) -> bool:
        """Say whether it differs from the file."""
        return self.tried != self.registered


@dataclass(frozen=True, slots=True)
class Tried:
    """Power of one outcome under the file's assumptions and under others.

    ``other`` is ``None`` where the others give no answer; ``faults`` then says why.
    """

    fields: tuple[Assumption, ...]
    registered: OutcomePower
    other: OutcomePower | None
    faults: tuple[Fault, ...] = ()

    @property
    def changed(self) -> bool:
        """Say whether anything differs from the file."""
        return any(one.changed for one in self.fields)

    @property
    def loud(self) -> tuple[str, ...]:
        """Return the warnings nobody may miss."""
        shown = self.other or self.registered
        return tuple(w for w in shown.warnings if w.startswith(LOUD))

    @property
    def quiet(self) -> tuple[str, ...]:
        """Return the other warnings."""
        shown = self.other or self.registered
        return tuple(w for w in shown.warnings if not w.startswith(LOUD))

    @property
    def lines(self) -> str:
        """Return the changed assumptions as lines for the file."""
        return "\n".join(
            f"{one.name} = {f'[{one.tried}]' if one.name in LISTS else one.tried}"
            for one in self.fields
            if one.changed
        )


def try_assumptions(trial: Trial, entry: int, given: Mapping[str, str]) -> Tried:
    """Return the power of one entry of a trial's ``power`` as in the file and as given.

    Parameters
    ----------
    entry
        Its position from 0.
    given
        What was typed, by the key in the file; what is not given stays as in the file.

    Raises
    ------
    ProtocolError
        If the file has no such entry.
    """
    if not 0 <= entry < len(trial.power):
        raise ProtocolError(
            "the trial file makes no power assumptions", where="power", remedy="Add [[power]]"
        )
    own = trial.power[entry]
    names = _names(trial, own)
    typed = {name: given.get(name, _write(getattr(own, name))).strip() for name in names}
    registered = _report(trial, own).outcomes[0]
    try:
        other = _report(trial, change_assumptions(trial, entry, typed)).outcomes[0]
        faults: tuple[Fault, ...] = ()
    except LighttouchError as error:
        other, faults = None, error.faults
    by_name = {fault.where: str(Fault(fault.what, "", fault.remedy)) for fault in faults}
    fields = tuple(
        Assumption(
            name,
            _LABELS[name][0],
            _LABELS[name][1].format(unit=trial.outcome(own.outcome).unit),
            _write(getattr(own, name)),
            typed[name],
            by_name.get(name, ""),
        )
        for name in names
    )
    return Tried(fields, registered, other, faults)


def change_assumptions(trial: Trial, entry: int, given: Mapping[str, str]) -> PowerAssumptions:
    """Return an entry of a trial's ``power`` with other values, checked as the file is.

    Raises
    ------
    ProtocolError
        With a fault for each value that cannot be; its place is the key.
    """
    own = trial.power[entry]
    data = own.model_dump(by_alias=True, exclude_unset=True)
    faults = []
    for name in _names(trial, own):
        if name in given and given[name] != _write(getattr(own, name)):
            try:
                data[name] = _read(name, given[name])
            except ValueError:
                faults.append(Fault("this is no number", name, "Write digits, such as 0.05"))
    if faults:
        raise ProtocolError(faults)
    try:
        changed = PowerAssumptions.model_validate(data)
    except ValidationError as error:
        raise ProtocolError(_as_fault(problem) for problem in explain_shape(error, data)) from None
    _check(trial, entry, changed)
    return changed


def with_assumptions(trial: Trial, changed: PowerAssumptions) -> Trial:
    """Return a trial that assumes one entry alone."""
    return trial.model_copy(update={"power": (changed,)})


def _report(trial: Trial, assumptions: PowerAssumptions) -> PowerReport:
    # A second of libraries, which processes that compute nothing are spared.
    from lighttouch.core.power.reporting import compute_power_report

    return compute_power_report(with_assumptions(trial, assumptions))


def _check(trial: Trial, entry: int, changed: PowerAssumptions) -> None:
    entries = (*trial.power[:entry], changed, *trial.power[entry + 1 :])
    problems = find_problems(trial.model_copy(update={"power": entries}))
    own = [_as_fault(p) for p in problems if p.path[:2] == ("power", entry)]
    if own:
        raise ProtocolError(own)


def _as_fault(problem: Problem) -> Fault:
    names = [str(part) for part in problem.path if part in _LABELS]
    return Fault(problem.what, names[0] if names else "", problem.remedy)


def _names(trial: Trial, own: PowerAssumptions) -> tuple[str, ...]:
    """Return the assumptions that bear on this design, in the order of the file."""
    if not trial.clustered:
        left_out = {"clusters", "mean_cluster_size", "cluster_size_cv", "cluster_sizes", "icc"}
    elif own.cluster_sizes:
        left_out = {"participants", "clusters", "mean_cluster_size", "cluster_size_cv"}
    else:
        left_out = {"participants", "cluster_sizes"}
    return tuple(name for name in _LABELS if name not in left_out)


def _read(name: str, typed: str) -> object:
    if name in LISTS:
        return tuple(int(part) for part in typed.split(",") if part.strip())
    plain = typed.replace(",", "").replace(" ", "")
    return int(plain) if name in WHOLE else float(plain)


def _write(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)
