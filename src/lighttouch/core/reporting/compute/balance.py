"""Balance at baseline, for the variables the trial file names."""

from lighttouch.core.allocation.balance import BalanceRow, BalanceVariable, compute_balance
from lighttouch.core.datasets.model import AnalysisSet, baseline_column, covariate_column


def compute_baseline_balance(data: AnalysisSet) -> tuple[BalanceRow, ...]:
    """Compare the arms on the baseline variables the trial file names (all, if it names none)."""
    trial = data.trial
    if not trial.treated_arms:
        return ()
    candidates = [
        BalanceVariable(c.id, c.label, covariate_column(c.id), c.coding == "numeric")
        for c in trial.covariates
    ] + [
        BalanceVariable(o.id, f"{o.label}, at baseline", baseline_column(o.id), True)
        for o in trial.outcomes
        if o.baseline is not None
    ]
    wanted = set(trial.analysis.balance) or {v.id for v in candidates}
    chosen = [
        variable
        for variable in candidates
        if variable.id in wanted and data.frame[variable.column].drop_nulls().len()
    ]
    return compute_balance(
        data.frame.select("arm", *dict.fromkeys(v.column for v in chosen)),
        arms=tuple(arm.id for arm in trial.treated_arms),
        reference=trial.reference_arm.id,
        variables=tuple(chosen),
    )
