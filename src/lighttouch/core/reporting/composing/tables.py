"""Tables of results: the summary, the regressions in the field's format, and the adjustments."""

from math import ceil

from lighttouch.core.disclosure.counts import SUPPRESSED, suppress_small_count
from lighttouch.core.estimation.model import Estimate, Specification
from lighttouch.core.reporting.composing.findings import ROLES, find_summary
from lighttouch.core.reporting.composing.verdicts import (
    explain_marks,
    find_p,
    mark_p,
    name_method,
    quote_level,
    scale_of,
)
from lighttouch.core.reporting.document import (
    Block,
    Break,
    Column,
    Heading,
    Number,
    Paragraph,
    Row,
    Runs,
    Table,
    Words,
)
from lighttouch.core.reporting.results import OutcomeResult
from lighttouch.core.reporting.sourcing import DASH, At, Source, join, say

MOST_COLUMNS = 5
"""Outcomes side by side on an upright page."""
CONSTANTS = ("_cons", "constant", "intercept", "(intercept)")
_SPECIFICATIONS: tuple[tuple[Specification, str], ...] = (
    ("registered", "registered analysis"),
    ("house", "house specification"),
)
Located = tuple[At, OutcomeResult]


def write_summary_table(source: Source) -> tuple[Block, ...]:
    """Write the main table: each outcome's means, difference, interval and p-values."""
    rows: list[Row] = []
    for role, title in ROLES.items():
        found = [
            _summary_row(source, at, result, estimate)
            for at, result in _located(source)
            if result.role == role
            for estimate in result.estimates
            if estimate.specification == "registered"
        ]
        rows += [Row((say(title),), "section"), *found] if found else []
    if not rows:
        return ()
    level = quote_level(source.top / "analysis" / "confidence_level")
    columns = (
        Column(say("Outcome")),
        Column(say("{r}, mean (SD)", r=source.arm(source.reference.id)), "right", ("mean", "SD")),
        Column(_treated_head(source), "right", ("mean", "SD")),
        Column(say("Difference"), "right"),
        Column(say("{l} interval", l=level), "right", ("from", "to")),
        Column(say("p"), "right"),
        Column(say("Adjusted p"), "right"),
    )
    note = say(
        "The difference is that of the registered analysis, so it need not be the difference of "
        "the means. Shares are in per cent and their differences in percentage points. "
        "{p}Marks: {marks}",
        p=_draws_note(source),
        marks=explain_marks(source),
    )
    caption = say("Effects on all outcomes, registered analysis")
    widths = (4.0, 2.3, 2.3, 1.9, 2.5, 1.3, 1.4)
    return (Table("effects", caption, columns, tuple(rows), (note,), widths=widths),)


def _located(source: Source) -> list[Located]:
    return list(zip(source.top / "outcomes", source.results.outcomes, strict=True))


def _treated_head(source: Source) -> Runs:
    if len(source.treated) == 1:
        return say("{a}, mean (SD)", a=source.arm(source.treated[0].id))
    return say("Arm, mean (SD)")


def _draws_note(source: Source) -> str:
    by_draws = any(
        find_p(at, result, estimate)[1]
        for at, result in _located(source)
        for estimate in result.estimates
        if estimate.specification == "registered"
    )
    if not by_draws:
        return ""
    return "Where clusters are few or uneven, p comes from randomisation inference. "


def _summary_row(source: Source, at: At, result: OutcomeResult, estimate: Estimate) -> Row:
    scale = scale_of(result)
    place = at / "estimates" / result.estimates.index(estimate)
    label: Runs = ((at / "label").name(),)
    if len(source.treated) > 1:
        label = say("{o}: {a}", o=label, a=source.arm(estimate.arm))
    p, _ = find_p(at, result, estimate)
    adjusted = next((a for a in at / "adjusted" if a.value["arm"] == estimate.arm), None)
    return Row(
        (
            label,
            _mean_cell(at, result, estimate.reference),
            _mean_cell(at, result, estimate.arm),
            say("{d}{m}", d=scale.difference(place / "estimate"), m=mark_p(p.value, source)),
            say("{low} to {high}", low=scale.difference(place / "interval" / 0),
                high=scale.difference(place / "interval" / 1)),
            (p.as_form("p_cell"),),
            ((adjusted / "adjusted").as_form("p_cell"),) if adjusted else (DASH,),
        )
    )  # fmt: skip


def _mean_cell(at: At, result: OutcomeResult, arm: str) -> Runs:
    scale, summary = scale_of(result), find_summary(at, arm)
    mean = scale.value(summary / "mean")
    if scale.binary or summary.value["sd"] is None:
        return (mean,)
    return say("{m} ({s})", m=mean, s=scale.difference(summary / "sd"))


def write_regressions(source: Source) -> tuple[Block, ...]:
    """Write regression tables, a column per outcome, honest and house specification in turn."""
    blocks: list[Block] = []
    for family, roles in (
        ("main outcomes", ("primary", "secondary", "mechanism")),
        ("exploratory outcomes", ("exploratory",)),
    ):
        chosen = [pair for pair in _located(source) if pair[1].role in roles]
        for kind, name in _SPECIFICATIONS:
            blocks += _regression_tables(source, family, chosen, kind, name)
    if not blocks:
        return ()
    intro = Paragraph(say(
        "Each column is a regression of one outcome. The registered analysis follows the "
        "allocation; the house specification is the programme’s own, with classical standard "
        "errors, printed so that readers can compare."
    ))  # fmt: skip
    return Heading(1, say("Regressions in full"), "regressions"), intro, *blocks


def _regression_tables(
    source: Source, family: str, pairs: list[Located], kind: str, name: str
) -> list[Table]:
    places = [
        (at, at / "estimates" / place)
        for at, result in pairs
        for place, estimate in enumerate(result.estimates)
        # One regression gives every arm's effect, so the first arm's estimate holds it all.
        if estimate.specification == kind
        and estimate.arm == source.treated[0].id
        and estimate.coefficients
    ]
    if not places:
        return []
    size = ceil(len(places) / ceil(len(places) / MOST_COLUMNS))
    arms = join([(source.arm(arm.id),) for arm in source.treated])
    tables = []
    for start in range(0, len(places), size):
        key = f"regression-{kind}-{family.split()[0]}-{start // size}"
        more = ", continued" if start else ""
        caption = say("{a}, {f}: {n}{m}", a=arms, f=family, n=name, m=more)
        tables.append(_regression_table(source, key, caption, places[start : start + size]))
    return tables


def _regression_table(
    source: Source, key: str, caption: Runs, columns: list[tuple[At, At]]
) -> Table:
    heads = tuple(Column(((at / "label").name(),), "right") for at, _ in columns)
    maps = [{_term_key(c): c for c in place / "coefficients"} for _, place in columns]
    terms = list(dict.fromkeys(term for found in maps for term in found))
    rows = []
    for term in sorted(terms, key=lambda term: term.lower() in CONSTANTS):
        here = [found[term] for found in maps if term in found]
        cells = [_coefficient_cell(source, found.get(term)) for found in maps]
        rows.append(Row((_term_label(term, here), *cells)))
    rows += _footing([place for _, place in columns])
    note = say(
        "t-statistics in parentheses. {m} A dash stands for a term dropped as collinear or "
        "empty; an empty cell for a term not in that column. Standard errors: {v}.",
        m=explain_marks(source),
        v=(columns[0][1] / "variance").name(),
    )
    widths = (3.4, *(2.2 for _ in columns))
    return Table(key, caption, (Column(say("Term")), *heads), tuple(rows), (note,), True, widths)


def _term_key(coefficient: At) -> str:
    """Return what makes terms of several columns one row: each outcome has its own baseline."""
    term = str(coefficient.value["term"])
    for kind in ("baseline:", "missing:baseline_"):
        if term.startswith(kind) and "+" not in term:
            return kind
    return term


def _term_label(term: str, places: list[At]) -> Runs:
    shared = {"baseline:": "Outcome at baseline",
              "missing:baseline_": "Outcome at baseline missing"}.get(term)  # fmt: skip
    return say(shared) if shared and len(places) > 1 else ((places[0] / "label").spaced(),)


def _coefficient_cell(source: Source, at: At | None) -> Runs:
    if at is None:
        return ()
    if at.value["estimate"] is None:
        return (DASH,)
    coefficient = (at / "estimate").significant()
    mark = mark_p(at.value["p_value"], source)
    if at.value["statistic"] is None:
        return (coefficient,)
    return (
        *say("{c}{m}", c=coefficient, m=mark),
        Break(),
        *say("({t})", t=(at / "statistic").fixed(2)),
    )


def _footing(places: list[At]) -> list[Row]:
    rows = [Row((say("N"), *(((place / "n").whole(),) for place in places)), "total")]
    if any(place.value["clusters"] for place in places):
        cells = [((p / "clusters").whole(),) if p / "clusters" else (DASH,) for p in places]
        rows.append(Row((say("Clusters"), *cells), "total"))
    if any(place.value["r_squared"] is not None for place in places):
        cells = [((p / "r_squared").fixed(3),) if p / "r_squared" else (DASH,) for p in places]
        rows.append(Row((say("R²"), *cells), "total"))
    return rows


def write_multiplicity(source: Source) -> tuple[Block, ...]:
    """Write p-values before and after adjustment for several outcomes."""
    rows = []
    for at, _ in _located(source):
        for place in at / "adjusted":
            label: Runs = ((at / "label").name(),)
            if len(source.treated) > 1:
                label = say("{o}: {a}", o=label, a=source.arm(place.value["arm"]))
            rows.append(
                Row((label, ((place / "family").spaced(),), name_method(place / "method"),
                     ((place / "p_value").as_form("p_cell"),),
                     ((place / "adjusted").as_form("p_cell"),)))
            )  # fmt: skip
    if not rows:
        return ()
    columns = (
        *(Column(say(head)) for head in ("Outcome", "Family", "Method")),
        *(Column(say(head), "right") for head in ("p, unadjusted", "p, adjusted")),
    )
    caption = say("p-values before and after adjustment for several outcomes")
    intro = Paragraph(say(
        "The more outcomes are tested, the likelier it is that one looks remarkable by chance. "
        "Outcomes judged together form a family, and their p-values are adjusted together."
    ))  # fmt: skip
    return (
        Heading(1, say("Several outcomes"), "multiplicity"),
        intro,
        Table("multiplicity", caption, columns, tuple(rows), widths=(3.2, 3.2, 3, 1.4, 1.4)),
    )


def write_uptake(source: Source) -> tuple[Block, ...]:
    """Write use by those offered, and exposure of those not."""
    uptake = source.results.uptake
    if not uptake:
        return ()
    rows = []
    for row, at in zip(uptake, source.top / "uptake", strict=True):
        hidden = suppress_small_count(row.count)
        count = Words(SUPPRESSED) if hidden else (at / "count").whole()
        share: Runs = (DASH,)
        if row.of and not hidden:
            share = (_share(at),)
        rows.append(Row((((at / "label").name(),), (source.arm(row.arm),), (count,),
                         ((at / "of").whole(),), share)))  # fmt: skip
    columns = (Column(say("Measure")), Column(say("Arm")), Column(say("Participants"), "right"),
               Column(say("Of"), "right"), Column(say("Share"), "right"))  # fmt: skip
    caption = say("Use by those offered, and exposure in the reference arm")
    return (
        Heading(1, say("Uptake and exposure"), "uptake"),
        Table("uptake", caption, columns, tuple(rows), widths=(4, 2.4, 1.6, 1, 1)),
    )


def _share(at: At) -> Number:
    return Number((f"{at.key}/count", f"{at.key}/of"), "percent", 1, "share")
