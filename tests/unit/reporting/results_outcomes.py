"""Outcomes of invented trials, computed from drawn numbers so that their parts agree."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from lighttouch.core.estimation.model import (
    AdjustedP,
    ArmSummary,
    Coefficient,
    EffectSize,
    Estimate,
    RandomisationTest,
    WelchTest,
)
from lighttouch.core.reporting.results import OutcomeResult

Array = Any
"""An array, or none where people were allocated; the numbers here are only examples."""


@dataclass(frozen=True)
class Plan:
    """What one invented outcome is like."""

    id: str
    label: str
    role: str
    mean: float
    sd: float
    effect: float
    unit: str
    share: float = 1.0
    kind: str = "continuous"
    better: str = "higher"
    smallest: float | None = None
    digits: int = 2
    derivation: str = "mean of the items, complete answers only"
    reliability: tuple[float | None, float | None] | None = (0.84, 0.85)


LETTERS = (
    Plan(
        "wellbeing",
        "Subjective well-being",
        "primary",
        0.0,
        2.1,
        0.3,
        "index points",
        0.19,
        smallest=0.4,
        derivation="sum of standardised life happiness, life ladder and affect",
    ),
    Plan(
        "attendance",
        "Days attended",
        "secondary",
        36.2,
        5.5,
        0.4,
        "working days",
        0.8,
        digits=1,
        smallest=1.0,
        derivation="working days in the period less all absence",
        reliability=None,
    ),
    Plan(
        "motivation",
        "Intrinsic and prosocial motivation",
        "mechanism",
        5.4,
        0.9,
        0.1,
        "points, 1 to 7",
        0.19,
    ),
    Plan("belonging", "Belonging", "mechanism", 4.6, 1.2, 0.9, "points, 1 to 7", 0.19),
    Plan(
        "social_worth", "Perceived social worth", "mechanism", 5.0, 1.1, 0.5, "points, 1 to 7", 0.19
    ),
    Plan(
        "org_support",
        "Perceived organisational support",
        "exploratory",
        4.2,
        1.2,
        0.3,
        "points, 1 to 7",
        0.19,
    ),
    Plan("prosocial", "Prosocial impact", "exploratory", 5.6, 0.9, 0.0, "points, 1 to 7", 0.19),
    Plan(
        "burnout", "Burnout", "exploratory", 2.6, 0.7, -0.1, "points, 1 to 5", 0.18, better="lower"
    ),
    Plan(
        "job_satisfaction", "Job satisfaction", "exploratory", 5.1, 1.1, 0.2, "points, 1 to 7", 0.08
    ),
    Plan(
        "turnover_intentions",
        "Turnover intentions",
        "exploratory",
        3.2,
        1.5,
        -0.3,
        "points, 1 to 7",
        0.19,
        better="lower",
    ),
    Plan(
        "turnover",
        "Left the employer",
        "exploratory",
        0.07,
        0.0,
        -0.01,
        "share of participants",
        kind="binary",
        better="lower",
        smallest=0.05,
        reliability=None,
        derivation="1 if the leaving date falls in the period, else 0",
    ),
    Plan(
        "bradford",
        "Bradford score",
        "exploratory",
        40.0,
        60.0,
        -3.0,
        "score points",
        0.8,
        better="lower",
        digits=0,
        derivation="spells squared times days",
        reliability=None,
    ),
)
GOALS = (
    Plan("attendance", "Days attended", "primary", 104.0, 14.0, 0.6, "working days", digits=1,
         smallest=2.0, derivation="working days in the period less all absence", reliability=None),
    Plan("turnover", "Left the employer", "secondary", 0.09, 0.0, 0.0, "share of participants",
         kind="binary", better="lower", reliability=None,
         derivation="1 if the leaving date falls in the period, else 0"),
    Plan("wellbeing", "Subjective well-being", "secondary", 0.0, 2.2, 0.1, "index points", 0.12),
    Plan("time_pressure", "Time pressure", "mechanism", 3.6, 0.8, 0.0, "points, 1 to 5", 0.12,
         better="lower"),
)  # fmt: skip
COFFEE = (
    Plan("attendance", "Days attended", "primary", 52.0, 7.0, 0.5, "working days", 0.95, digits=1,
         smallest=1.5, derivation="working days in the period less all absence", reliability=None),
    Plan("wellbeing", "Subjective well-being", "secondary", 0.0, 2.0, 0.0, "index points", 0.0),
)  # fmt: skip
ROLES = ("social worker", "senior practitioner", "assistant", "manager", "newly qualified")


@dataclass(frozen=True)
class People:
    """The randomised participants of an invented trial."""

    arm: Array
    partner: Array
    cluster: Array
    female: Array
    tenure: Array
    role: Array
    baseline: Array


def draw_people(rng: np.random.Generator, arms: Array, clusters: Array, partners: int) -> People:
    n = len(arms)
    return People(
        arms,
        rng.integers(0, partners, n),
        clusters,
        (rng.random(n) < 0.83).astype(float),
        rng.gamma(2.0, 40.0, n),
        rng.choice(len(ROLES), n, p=[0.6, 0.2, 0.11, 0.08, 0.01]),
        rng.normal(size=n),
    )


def fit(
    design: Array, y: Array, clusters: Array, classical: bool = False
) -> tuple[Array, Array, float]:
    """Coefficients and standard errors: classical, heteroskedasticity-robust or clustered."""
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ design.T @ y
    residual = y - design @ beta
    n, k = design.shape
    if classical:
        return beta, np.sqrt(np.abs(np.diag(bread)) * (residual @ residual) / (n - k)), n - k
    scores = design * residual[:, None]
    if clusters is not None:
        scores = np.array([scores[clusters == g].sum(axis=0) for g in np.unique(clusters)])
        covariance = bread @ scores.T @ scores @ bread * 1.3
        return beta, np.sqrt(np.abs(np.diag(covariance))), 5.9
    return beta, np.sqrt(np.abs(np.diag(bread @ scores.T @ scores @ bread)) * n / (n - k)), n - k


def make_estimate(
    outcome: str, arms: tuple[str, str], y: Array, people: People, kind: Any
) -> Estimate:
    treated = people.arm.astype(float)
    columns = [("(arm)", arms[1], treated)]
    if kind != "difference_in_means":
        columns += [
            ("baseline", "Outcome at baseline", people.baseline),
            ("missing:baseline", "Outcome at baseline missing", 0 * treated),
            ("female", "Female", people.female),
            ("tenure", "Length of employment, months", people.tenure),
            *((f"role:{r}", f"Role: {r}", (people.role == i) * 1.0)
              for i, r in enumerate(ROLES) if i),
            *((f"partner:{p}", f"Partner {chr(65 + p)}", (people.partner == p) * 1.0)
              for p in range(1, people.partner.max() + 1)),
        ]  # fmt: skip
    columns.append(("_cons", "Constant", np.ones(len(y))))
    design = np.column_stack([column for _, _, column in columns])
    clusters = None if kind == "house" else people.cluster
    beta, error, df = fit(design, y, clusters, kind == "house")
    t = beta[0] / error[0]
    half = stats.t.ppf(0.975, df) * error[0]
    empty: Any = ~design.any(axis=0)
    coefficients = tuple(
        Coefficient(term, label, None, None, None, None, None)
        if empty[i]
        else Coefficient(
            term, label, beta[i], error[i], beta[i] / error[i], df,
            float(2 * stats.t.sf(abs(beta[i] / error[i]), df)),
        )
        for i, (term, label, _) in enumerate(columns)
    )  # fmt: skip
    honest = "CR2, Satterthwaite" if people.cluster is not None else "HC2"
    by_arm = {arm: int((people.arm == i).sum()) for i, arm in enumerate(arms)}
    in_clusters = people.cluster is not None and kind != "house"
    return Estimate(
        outcome, arms[1], arms[0], kind, "participant-average intention-to-treat effect",
        "difference in means" if kind == "difference_in_means" else "OLS regression",
        "classical" if kind == "house" else honest,
        float(beta[0]), float(error[0]), float(df), float(t), float(2 * stats.t.sf(abs(t), df)),
        (float(beta[0] - half), float(beta[0] + half)), 0.95, len(y), by_arm,
        len(np.unique(people.cluster)) if in_clusters else None,
        {arm: len(np.unique(people.cluster[people.arm == i])) for i, arm in enumerate(arms)}
        if in_clusters else None,
        float(1 - np.var(y - design @ beta) / np.var(y)),
        () if kind == "difference_in_means" else coefficients,
        ("Few clusters: the randomisation p-value is the one of record.",) if in_clusters else (),
        in_clusters,
    )  # fmt: skip


def make_outcome(
    plan: Plan, arms: tuple[str, str], people: People, rng: np.random.Generator
) -> OutcomeResult:
    n = len(people.arm)
    shift = plan.effect * people.arm
    if plan.kind == "binary":
        y = (rng.random(n) < plan.mean + shift).astype(float)
    else:
        y = plan.mean + shift + plan.sd * (0.5 * people.baseline + 0.87 * rng.normal(size=n))
        if people.cluster is not None:
            y += 0.15 * plan.sd * rng.normal(size=people.cluster.max() + 1)[people.cluster]
        y = np.round(y if plan.id != "bradford" else np.abs(y), plan.digits)
    seen = rng.random(n) < plan.share
    empty = OutcomeResult(
        plan.id, plan.label, plan.role, "endline", "Endline", plan.kind, plan.unit, plan.better,
        plan.derivation, "", plan.smallest, (), (), (), (), (), (), plan.reliability, (),
        "No response was collected at this wave.",
    )  # fmt: skip
    if seen.sum() < 20:
        summaries = tuple(
            ArmSummary(a, int((people.arm == i).sum()), 0, *[None] * 6) for i, a in enumerate(arms)
        )
        return replace(empty, summaries=summaries)
    some = People(*(None if v is None else v[seen] for v in (
        people.arm, people.partner, people.cluster, people.female, people.tenure, people.role,
        people.baseline)))  # fmt: skip
    y = y[seen]
    return replace(empty, not_estimated="", **_describe(plan, arms, y, some, people, rng))


def _describe(
    plan: Plan, arms: tuple[str, str], y: Array, some: People, people: People,
    rng: np.random.Generator,
) -> dict[str, Any]:  # fmt: skip
    groups = [y[some.arm == i] for i in range(2)]
    summaries = tuple(
        ArmSummary(
            arm, int((people.arm == i).sum()), len(g), g.mean(), g.std(ddof=1),
            g.std(ddof=1) / np.sqrt(len(g)), g.min(), tuple(np.quantile(g, [0.25, 0.5, 0.75])),
            g.max(),
        )
        for i, (arm, g) in enumerate(zip(arms, groups, strict=True))
    )  # fmt: skip
    kinds = ("registered", "difference_in_means", "house")
    estimates = tuple(make_estimate(plan.id, arms, y, some, kind) for kind in kinds)
    test = stats.ttest_ind(groups[1], groups[0], equal_var=False)
    low, high = test.confidence_interval()
    gap = groups[1].mean() - groups[0].mean()
    main = estimates[0]
    sd = y.std(ddof=1)
    clustered = some.cluster is not None
    p = main.p_value
    order = rng.permutation(len(y))
    return {
        "summaries": summaries,
        "estimates": estimates,
        "welch": (
            WelchTest(plan.id, arms[1], gap, gap / test.statistic, test.statistic, test.df,
                      test.pvalue, (low, high)),
        ),
        "randomisation": (
            RandomisationTest(plan.id, arms[1], min(1.0, p * 1.1), 2000,
                              1296 if clustered else None, clustered,
                              1 / 1296 if clustered else 1 / 2001, "studentised difference"),
        ),
        "effect_sizes": (
            EffectSize(plan.id, arms[1], main.estimate / sd, main.standard_error / sd,
                       (main.interval[0] / sd, main.interval[1] / sd),
                       None if abs(plan.mean) < 1e-9 else 100 * main.estimate / groups[0].mean(),
                       "unadjusted mean of the reference arm", groups[0].mean()),
        ),
        "adjusted": (
            AdjustedP(plan.id, arms[1], "secondary_and_mechanism", "holm", p,
                      min(1.0, 4 * p)),
        ) if plan.role in ("secondary", "mechanism") else (),
        "points": tuple((arms[int(some.arm[i])], float(y[i])) for i in order),
    }  # fmt: skip
