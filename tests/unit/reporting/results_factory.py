"""Results of three invented trials, computed from drawn numbers so that their parts agree."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import stats

from lighttouch.core.allocation.balance import BalanceRow
from lighttouch.core.estimation.model import (
    AdjustedP,
    ArmSummary,
    Coefficient,
    EffectSize,
    Estimate,
    RandomisationTest,
    WelchTest,
)
from lighttouch.core.reporting.results import (
    SCHEMA,
    AnalysisText,
    ArmText,
    CharacteristicCell,
    CharacteristicRow,
    CollectionCell,
    DataNote,
    Deviation,
    Flow,
    FlowArm,
    OutcomeResult,
    Results,
    TimelineEntry,
    TrialText,
    UptakeRow,
)

Array = np.ndarray


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
    cluster: Array | None
    female: Array
    tenure: Array
    role: Array
    baseline: Array


def draw_people(
    rng: np.random.Generator, arms: Array, clusters: Array | None, partners: int
) -> People:
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
    design: Array, y: Array, clusters: Array | None, classical: bool = False
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
    outcome: str, arms: tuple[str, str], y: Array, people: People, kind: str
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
    empty = ~design.any(axis=0)
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
        outcome, arms[1], arms[0], kind, "participant-average intention-to-treat effect",  # type: ignore[arg-type]
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
            ArmSummary(a, int((people.arm == i).sum()), 0, *[None] * 6)  # type: ignore[arg-type]
            for i, a in enumerate(arms)
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
) -> dict[str, object]:  # fmt: skip
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


def make_characteristics(people: People, arms: tuple[str, str]) -> tuple[CharacteristicRow, ...]:
    parts = {"all": np.full(len(people.arm), True)}
    parts |= {arm: people.arm == i for i, arm in enumerate(arms)}
    tenure = {
        key: CharacteristicCell(
            int(m.sum()), 3, people.tenure[m].mean(), people.tenure[m].std(ddof=1),
            people.tenure[m].min(), people.tenure[m].max(),
        )
        for key, m in parts.items()
    }  # fmt: skip
    rows = [CharacteristicRow("tenure", "Length of employment, months", "", tenure)]
    for label, values, names in (
        ("Gender", 1 - people.female, ("female", "male")),
        ("Role", people.role, ROLES),
    ):
        for code, name in enumerate(names):
            cells = {
                key: CharacteristicCell(
                    int(m.sum()), 0, count=int((values[m] == code).sum()),
                    share=float((values[m] == code).mean()),
                )
                for key, m in parts.items()
            }  # fmt: skip
            rows.append(CharacteristicRow(label.lower(), label, name, cells))
    return tuple(rows)


def make_balance(people: People, arms: tuple[str, str]) -> tuple[BalanceRow, ...]:
    treated, control = people.arm == 1, people.arm == 0

    def row(variable, label, category, values, test, df):
        a, b = values[treated], values[control]
        spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
        t = stats.ttest_ind(a, b)
        return BalanceRow(
            variable, label, category, arms[1], a.mean(), b.mean(),
            float((a.mean() - b.mean()) / spread) if spread else None, len(a), len(b),
            test, float(t.statistic) if test else None, df, float(t.pvalue) if test else None,
        )  # fmt: skip

    return (
        row("baseline", "Days attended at baseline", "", people.baseline + 40, "", None),
        row(
            "tenure", "Length of employment, months", "", people.tenure, "t", len(people.arm) - 2.0
        ),
        row("female", "Female", "", people.female, "chi-squared", 1.0),
        *(
            row(
                "role", "Role", name, (people.role == i) * 1.0, "chi-squared" if i == 0 else "", 4.0
            )
            for i, name in enumerate(ROLES[:4])
        ),
    )


ANALYSIS = AnalysisText(
    estimator="Ordinary least squares regression",
    estimand="participant-average intention-to-treat effect",
    variance="HC2",
    covariates=("Female", "Role", "Length of employment, months"),
    terms=("arm", "outcome at baseline", "covariates", "partner effects"),
    missing=(
        "A missing covariate is set to a constant and flagged by an indicator.",
        "Participants with a missing outcome are left out of its estimate.",
    ),
    thresholds=(0.05, 0.01, 0.001),
    indicative_thresholds=(),
    confidence_level=0.95,
    families=("secondary and mechanism outcomes: Holm",),
    randomisation_draws=2000,
    house="Classical standard errors, partner effects, no clustering and no strata.",
)
NOTE = DataNote(
    files=14,
    retention="12 months after the end of the analysis",
    key_holder="Each partner holds the key to its own staff codes.",
    controller="The evidence centre",
    allocation_seed_source="secret committed at registration, roster and protocol",
    allocation_algorithm="blocked-1",
    roster_sha256="3f" * 32,
    secret_commitment="a7" * 32,
    allocation_verified=True,
    findings_blocking=0,
    findings_advisory=9,
)
DEVIATIONS = (
    Deviation("All outcomes", "Endline survey of Shropshire", "collected", "not collected",
              "The partner withdrew from the survey when its offices closed.", True),
    Deviation("Well-being", "Cost-benefit analysis", "in the protocol", "not done",
              "The primary outcome did not reach the registered threshold.", False),
)  # fmt: skip


def _trial(**changes: object) -> TrialText:
    base = TrialText(
        id="letters", title="Letters of recognition",
        summary="A trial of a personal letter of thanks, sent home by a senior leader, on the "
        "well-being and attendance of social workers.",
        status="full", population="Social workers in children's services.",
        setting="Three local authorities in England.", unit="participant", clustered=False,
        allocation_method="drawn", blocks=("partner",), strata=(),
        arms=(
            ArmText("waitlist", "Waitlist", "Receives the letter after the trial.", True, True),
            ArmText("letter", "Letter", "A letter of thanks to the home address.", False, False),
        ),
        protocol_sha256="9c" * 32, registered_at="2019-08-30T09:12:00+00:00", amendments=1,
        assumptions=(
            ("waves.endline.survey.opens", "The source gives both one week and two months."),
            ("analysis.estimator", "The source calls every model a linear regression."),
        ),
        hypotheses=("A letter raises subjective well-being two months later.",),
        ethics=("Oversight by two university ethics committees.",),
        interventions=(
            ("letter", "Letter of recognition", "Recognition satisfies the need to be valued.",
             "A one-page letter with two lines chosen by the line manager."),
        ),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def _flow(people: People, arms: tuple[str, str], outcomes, excluded: dict[str, int]) -> Flow:
    clusters = people.cluster
    counts = [int((people.arm == i).sum()) for i in range(2)]
    members = [
        None if clusters is None else np.unique(clusters[people.arm == i], return_counts=True)[1]
        for i in range(2)
    ]
    flow_arms = tuple(
        FlowArm(
            arm, counts[i], None if members[i] is None else len(members[i]),
            None if members[i] is None
            else (int(members[i].min()), int(members[i].max()), float(members[i].mean())),
            counts[i] - 21 if i else 0, 6 + i,
            {"endline": max(o.summaries[i].n for o in outcomes)},
            {o.id: o.estimates[0].n_by_arm[arm] for o in outcomes if o.estimates},
        )
        for i, arm in enumerate(arms)
    )  # fmt: skip
    total = None if clusters is None else len(np.unique(clusters))
    return Flow(
        sum(counts) + sum(excluded.values()), None if total is None else total + 1, excluded,
        sum(counts), total, flow_arms,
    )  # fmt: skip


def _collection(people: People, names: tuple[str, ...]) -> tuple[CollectionCell, ...]:
    cells = []
    for i, name in enumerate(names):
        expected = int((people.partner == i).sum())
        for wave, share in (("baseline", 0.31), ("endline", (0.24, 0.3, 0.02)[i % 3])):
            cells.append(
                CollectionCell(
                    f"p{i}", name, wave, wave.capitalize(), expected,
                    expected if wave == "baseline" else int(expected * 0.8) * (i != 7),
                    int(expected * share) if i != 4 else None,
                )
            )  # fmt: skip
    return tuple(cells)


def _timeline(names: tuple[str, ...]) -> tuple[TimelineEntry, ...]:
    entries = []
    for i, name in enumerate(names):
        month = 9 + i % 3
        for kind, label, start, end in (
            ("survey", "Baseline", f"2019-{month - 1:02}-10", f"2019-{month:02}-01"),
            ("launch", "Launch", f"2019-{month:02}-02", f"2019-{month:02}-02"),
            ("return", "Baseline", f"2019-{month:02}-01", f"2019-{month:02}-14"),
            ("step", "Letter posted", f"2019-{month:02}-02", f"2019-{month:02}-02"),
            ("survey", "Endline", f"2020-{(month + 2) % 12 or 12:02}-01"
             .replace("2020-11", "2019-11").replace("2020-12", "2019-12"), "2020-01-20"),
            ("return", "Endline", "2020-01-20", "2020-02-03"),
        ):  # fmt: skip
            entries.append(TimelineEntry(f"p{i}", name, kind, label, start, end))
    return tuple(entries)


def _assemble(
    trial: TrialText, plans: tuple[Plan, ...], people: People, names: tuple[str, ...],
    excluded: dict[str, int], rng: np.random.Generator, **changes: object,
) -> Results:  # fmt: skip
    arms = (trial.arms[0].id, trial.arms[1].id)
    outcomes = tuple(make_outcome(plan, arms, people, rng) for plan in plans)
    offered = int((people.arm == 1).sum())
    base = Results(
        SCHEMA, "lighttouch 0.1.0", trial, ANALYSIS, _flow(people, arms, outcomes, excluded),
        _collection(people, names), _timeline(names), make_characteristics(people, arms),
        make_balance(people, arms), outcomes,
        (
            UptakeRow("received", "Recalls receiving it", arms[1], offered // 3, offered),
            UptakeRow("received", "Recalls receiving it", arms[0], 2, len(people.arm) - offered),
        ),
        DEVIATIONS, NOTE, (),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


@cache
def letters() -> Results:
    """An individual trial of three partners with twelve outcomes and indicative marks."""
    rng = np.random.default_rng(11)
    people = draw_people(rng, rng.permutation(np.arange(345) % 2), None, 3)
    return _assemble(
        _trial(), LETTERS, people, ("Bracknell Forest", "Dudley", "Shropshire"),
        {"Left before the start of the trial": 12, "No feedback from the line manager": 34}, rng,
        analysis=replace(ANALYSIS, indicative_thresholds=(0.2, 0.1), thresholds=(0.05, 0.01)),
        warnings=("Far fewer surveys came back than were planned for.",),
    )  # fmt: skip


@cache
def goal_setting() -> Results:
    """A trial of 290 teams in eight partners."""
    rng = np.random.default_rng(12)
    teams = np.sort(rng.integers(0, 290, 1468))
    arm_of_team = rng.permutation(np.arange(290) % 2)
    people = draw_people(rng, arm_of_team[teams], teams, 8)
    names = ("Bromley", "Central Bedfordshire", "Greenwich", "Kent", "Lambeth", "North Tyneside",
             "Telford and Wrekin", "Wolverhampton")  # fmt: skip
    trial = _trial(
        id="goal_setting", title="Social worker goals and well-being programme",
        unit="team", clustered=True, strata=("quarter of team mean attendance",),
        setting="Eight local authorities in England.",
        arms=(
            ArmText("control", "Control", "No programme.", True, False),
            ArmText("programme", "Goal-setting programme", "Six online modules.", False, False),
        ),
    )  # fmt: skip
    return _assemble(trial, GOALS, people, names, {}, rng)


@cache
def coffee() -> Results:
    """A pilot with 13 buildings."""
    rng = np.random.default_rng(13)
    sizes = np.array([25, 26, 27, 27, 28, 28, 29, 29, 30, 30, 32, 33, 36])
    buildings = np.repeat(np.arange(13), sizes)
    arm_of_building = rng.permutation(np.array([1] * 6 + [0] * 7))
    people = draw_people(rng, arm_of_building[buildings], buildings, 1)
    trial = _trial(
        id="coffee", title="Free coffee and tea", status="pilot", unit="building", clustered=True,
        strata=("number of social workers in the building",),
        setting="One county council in England.",
        arms=(
            ArmText("control", "No machine", "Nothing changes.", True, False),
            ArmText("coffee", "Coffee machine", "A machine with supplies.", False, False),
        ),
    )  # fmt: skip
    return _assemble(
        trial, COFFEE, people, ("Kent",),
        {"Building with fewer than 25 social workers": 61}, rng,
        warnings=("Only 13 clusters were allocated: estimates are imprecise.",),
    )  # fmt: skip
