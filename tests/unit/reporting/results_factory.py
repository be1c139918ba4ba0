"""Results of three invented trials, computed from drawn numbers so that their parts agree."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from results_outcomes import (
    COFFEE,
    GOALS,
    LETTERS,
    ROLES,
    Array,
    People,
    Plan,
    draw_people,
    make_outcome,
)
from scipy import stats

from lighttouch.core.allocation.balance import BalanceRow
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
    Quote,
    Results,
    TimelineEntry,
    TrialText,
    UptakeRow,
)


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

    def row(
        variable: str, label: str, category: str, values: Array, test: str, df: float | None
    ) -> BalanceRow:
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
QUOTES = (Quote("Being noticed", "social_worker", "It went up on my fridge.", "editor"),)
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


def _flow(
    people: People,
    arms: tuple[str, str],
    outcomes: tuple[OutcomeResult, ...],
    excluded: dict[str, int],
) -> Flow:
    clusters = people.cluster
    counts = [int((people.arm == i).sum()) for i in range(2)]
    members: list[Any] = [
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
        QUOTES, DEVIATIONS, NOTE, (),
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
