"""Who took part: flow, collection, timeline, characteristics and balance."""

from lighttouch.core.allocation.balance import BalanceRow
from lighttouch.core.disclosure.counts import SUPPRESSED, suppress_small_count
from lighttouch.core.reporting.composing.pictures import draw_balance
from lighttouch.core.reporting.composing.withholding import (
    withhold_balance,
    withhold_characteristics,
    withhold_collection,
)
from lighttouch.core.reporting.document import (
    Block,
    Column,
    Figure,
    FlowBox,
    FlowDrawing,
    Heading,
    Name,
    Number,
    Paragraph,
    Reference,
    Row,
    Runs,
    Table,
    TimelineBar,
    TimelineDrawing,
    Words,
)
from lighttouch.core.reporting.results import FlowArm, OutcomeResult
from lighttouch.core.reporting.sourcing import DASH, At, Source, join, say

FEWER, WITHHELD = Words(SUPPRESSED), Words("withheld")
ALL = "all"


def write_flow(source: Source) -> tuple[Block, ...]:
    """Write the participant flow diagram, from screening to analysis."""
    flow = source.results.flow
    at = source.top / "flow"
    reasons = tuple(
        say("{r}: {n}", r=place.own_key(), n=place.whole()) for place in at / "excluded"
    )
    drawing = FlowDrawing(
        FlowBox(say("Screened"), _counts(at, "screened")),
        FlowBox(say("Left out before allocation"), reasons) if reasons else None,
        FlowBox(
            say("Randomised" if len(source.treated) else "Included"), _counts(at, "randomised")
        ),
        tuple(
            _arm_boxes(source, arm, place)
            for arm, place in zip(flow.arms, at / "arms", strict=True)
        ),
        tuple(source.colour_place(arm.arm) for arm in flow.arms),
    )
    alt = say(
        "Flow of participants: {s} screened, {r} randomised; {a}.",
        s=(at / "screened").whole(),
        r=(at / "randomised").whole(),
        a=join([
            say("{n} to {arm}", n=(place / "allocated").whole(), arm=source.arm(place.value["arm"]))
            for place in at / "arms"
        ]),
    )  # fmt: skip
    extension = " with its extension to clusters" if source.results.trial.clustered else ""
    caption = say("Participant flow, after CONSORT 2025{c}.", c=extension)
    return (
        Heading(1, say("Participant flow"), "flow"),
        Figure("flow", caption, alt, drawing),
    )


def _counts(at: At, key: str) -> tuple[Runs, ...]:
    people = say("{n} participants", n=(at / key).whole())
    clusters = at / f"{key}_clusters"
    return (say("{k} clusters, {p}", k=clusters.whole(), p=people),) if clusters else (people,)


def _arm_boxes(source: Source, arm: FlowArm, at: At) -> tuple[FlowBox, ...]:
    allocated: list[Runs] = [say("{n} participants", n=(at / "allocated").whole())]
    if arm.clusters is not None:
        allocated.append(say("{k} clusters", k=(at / "clusters").whole()))
    if arm.cluster_sizes is not None:
        sizes = at / "cluster_sizes"
        allocated.append(
            say("cluster size {a} to {b}, mean {m}", a=(sizes / 0).whole(), b=(sizes / 1).whole(),
                m=(sizes / 2).fixed(1))
        )  # fmt: skip
    if arm.received is not None:
        allocated.append(say("{n} received at least one delivery", n=(at / "received").whole()))
    waves = {o.wave: place / "wave_label" for o, place in _outcomes(source)}
    followed = [
        say("{w}: {n}", w=waves[wave].name(), n=(at / "followed_up" / wave).whole())
        for wave in arm.followed_up
        if wave in waves
    ]
    labels = {o.id: place / "label" for o, place in _outcomes(source)}
    analysed = [
        say("{o}: {n}", o=labels[outcome].name(), n=(at / "analysed" / outcome).whole())
        for outcome in arm.analysed
        if outcome in labels
    ]
    left = say("Left: {n}", n=(at / "left").whole())
    return (
        FlowBox(say("Allocated to {a}", a=source.arm(arm.arm)), tuple(allocated)),
        FlowBox(say("Followed up, with any outcome"), (*followed, left)),
        FlowBox(say("Analysed"), tuple(analysed)),
    )


def _outcomes(source: Source) -> list[tuple[OutcomeResult, At]]:
    return list(zip(source.results.outcomes, source.top / "outcomes", strict=True))


def write_collection(source: Source) -> tuple[Block, ...]:
    """Write what every partner gave at every wave, and the timeline."""
    blocks: list[Block] = [Heading(1, say("Data collection"), "collection")]
    if source.results.collection:
        blocks.append(_collection_table(source))
    if source.results.timeline:
        blocks.append(_timeline_figure(source))
    return tuple(blocks)


def write_dates(source: Source) -> tuple[Block, ...]:
    """Write the dates of the timeline."""
    if not source.results.timeline:
        return ()
    return Heading(1, say("Dates"), "dates"), _timeline_table(source)


def _collection_table(source: Source) -> Table:
    cells = {(c.partner, c.wave): at for c, at in zip(
        source.results.collection, source.top / "collection", strict=True)}  # fmt: skip
    partners = list(dict.fromkeys(partner for partner, _ in cells))
    waves = list(dict.fromkeys(wave for _, wave in cells))
    kinds = [
        (wave, kind)
        for wave in waves
        for kind in ("returned", "responded")
        if any(cells[p, wave].value[kind] is not None for p in partners if (p, wave) in cells)
    ]
    labels = {wave: at / "wave_label" for (_, wave), at in cells.items()}
    titles = {"returned": "return", "responded": "survey"}
    heads = [
        Column(say("{w} {k}", w=labels[wave].name(), k=titles[kind]), "right", ("had", "of"))
        for wave, kind in kinds
    ]
    hidden = withhold_collection(source.results.collection)
    rows = [
        Row((((_any(cells, p, waves) / "partner_label").name(),),
             *((_collection_cell(cells.get((p, w)), k, (p, w, k) in hidden)) for w, k in kinds)))
        for p in partners
    ]  # fmt: skip
    if len(partners) > 1:
        totals = [_collection_total([cells[p, w] for p in partners if (p, w) in cells], k,
                                    ("", w, k) in hidden) for w, k in kinds]  # fmt: skip
        rows.append(Row((say("All partners"), *totals), "total"))
    return Table(
        "collection",
        say("Collection by partner and wave: participants with a row in the return, or with any "
            "answer, of those randomised"),
        (Column(say("Partner")), *heads),
        tuple(rows),
        (_small_note(bool(hidden)),),
        widths=(2.4, *(1.6 for _ in kinds)),
    )  # fmt: skip


def _any(cells: dict[tuple[str, str], At], partner: str, waves: list[str]) -> At:
    return next(cells[partner, wave] for wave in waves if (partner, wave) in cells)


def _collection_cell(at: At | None, kind: str, hidden: bool) -> Runs:
    if at is None or at.value[kind] is None:
        return say("not planned")
    count = _hide(at.value[kind]) if hidden else (at / kind).whole()
    if count is WITHHELD:
        return (WITHHELD,)
    return say("{n} of {m}", n=count, m=(at / "expected").whole())


def _collection_total(places: list[At], kind: str, hidden: bool) -> Runs:
    asked = [at for at in places if at.value[kind] is not None]
    count = (
        FEWER if hidden else Number(tuple(f"{at.key}/{kind}" for at in asked), "whole", 0, "sum")
    )
    whole = Number(tuple(f"{at.key}/expected" for at in asked), "whole", 0, "sum")
    return say("{n} of {m}", n=count, m=whole)


def _small_note(any_hidden: bool) -> Runs:
    if not any_hidden:
        return say("No count is small enough to be withheld.")
    return say("Small counts are printed as “fewer than 5”; “withheld” stands for what would give "
               "one away.")  # fmt: skip


def _hide(count: int) -> Words:
    return FEWER if suppress_small_count(count) else WITHHELD


def _timeline_figure(source: Source) -> Figure:
    rows: dict[str, tuple[Runs, list[TimelineBar]]] = {}
    for entry, at in zip(source.results.timeline, source.top / "timeline", strict=True):
        row = rows.setdefault(entry.partner, (((at / "partner_label").name(),), []))
        row[1].append(TimelineBar(entry.kind, entry.starts, entry.ends))
    drawing = TimelineDrawing(tuple((label, tuple(bars)) for label, bars in rows.values()))
    return Figure(
        "timeline",
        say("Timeline as planned, by partner; the dates are in {t}.",
            t=Reference("timeline-dates")),
        say("Timeline of launch, return periods, surveys and intervention steps at each partner; "
            "the dates are in {t}.", t=Reference("timeline-dates")),
        drawing,
    )  # fmt: skip


def _timeline_table(source: Source) -> Table:
    rows: list[Row] = []
    partner = None
    for entry, at in zip(source.results.timeline, source.top / "timeline", strict=True):
        if entry.partner != partner:
            partner = entry.partner
            rows.append(_section((at / "partner_label").name()))
        start, end = ((at / key).as_form("date") for key in ("starts", "ends"))
        rows.append(Row((((at / "label").name(),), (start,), (end,))))
    return Table(
        "timeline-dates",
        say("Timeline as planned, with dates"),
        (Column(say("What")), Column(say("From"), "right"), Column(say("To"), "right")),
        tuple(rows),
        dense=True,
        widths=(3, 2, 2),
    )


def write_sample(source: Source) -> tuple[Block, ...]:
    """Write who the participants are, by arm."""
    results = source.results
    if not results.characteristics:
        return ()
    keys = [ALL, *(arm.id for arm in results.trial.arms)]
    hidden = withhold_characteristics(results)
    rows: list[Row] = []
    variable = None
    for row, at in zip(results.characteristics, source.top / "characteristics", strict=True):
        if row.category and row.variable != variable:
            rows.append(_section((at / "label").name()))
        variable = row.variable
        name: Runs = ((at / "category").spaced() if row.category else (at / "label").name(),)
        cells = [
            _sample_cell(at / "values" / key, (row.variable, row.category, key) in hidden)
            for key in keys
        ]
        rows.append(Row((name, *cells)))
    heads = [
        Column(_sample_head(source, key), "right", ("number", "spread or share")) for key in keys
    ]
    table = Table(
        "sample",
        say("Characteristics of those randomised: mean (SD), or count (share)"),
        (Column(say("Characteristic")), *heads),
        tuple(rows),
        (_small_note(bool(hidden)),
         say("Shares are of those with the characteristic recorded. Smallest and largest values "
             "are not printed, as each belongs to a person.")),
        widths=(2.6, *(1.5 for _ in keys)),
    )  # fmt: skip
    return Heading(1, say("Participants at baseline"), "sample"), table


def _section(name: Name) -> Row:
    return Row(((name,),), "section")


def _sample_head(source: Source, key: str) -> Runs:
    if key == ALL:
        return say("All (n\u00a0=\u00a0{n})", n=(source.top / "flow" / "randomised").whole())
    place = [arm.arm for arm in source.results.flow.arms].index(key)
    count = (source.top / "flow" / "arms" / place / "allocated").whole()
    return say("{a} (n\u00a0=\u00a0{n})", a=source.arm(key), n=count)


def _sample_cell(at: At, hidden: bool) -> Runs:
    cell = at.value
    if hidden:
        return (_hide(cell["count"]),)
    if cell["count"] is not None:
        share = say(" ({s})", s=(at / "share").as_form("percent", 1)) if at / "share" else ""
        return say("{n}{s}", n=(at / "count").whole(), s=share)
    if cell["mean"] is None:
        return (DASH,)
    spread = say(" ({s})", s=(at / "sd").fixed(1)) if at / "sd" else ""
    return say("{m}{s}", m=(at / "mean").fixed(1), s=spread)


def write_balance(source: Source) -> tuple[Block, ...]:
    """Write balance at baseline: standardised differences, with the declared tests beside them."""
    pairs = list(zip(source.results.balance, source.top / "balance", strict=True))
    if not pairs:
        return ()
    hidden = withhold_balance(source.results)
    blocks: list[Block] = [
        Heading(1, say("Balance"), "balance"),
        Paragraph(say(
            "Arms drawn by chance differ by chance. The standardised difference says by how much, "
            "in standard deviations; the tests are shown because they were declared, and are not "
            "evidence that the arms are balanced."
        )),
    ]  # fmt: skip
    for arm in source.treated:
        chosen = [pair for pair in pairs if pair[0].arm == arm.id]
        if chosen:
            blocks.append(_balance_table(source, arm.id, chosen, hidden))
    shown = [pair for pair in pairs if _balance_key(pair[0]) not in hidden]
    figure = draw_balance(source, shown)
    return (*blocks, figure) if figure else tuple(blocks)


def _balance_key(row: BalanceRow) -> tuple[str, str, str]:
    return (row.variable, row.category, row.arm)


def _balance_table(
    source: Source,
    arm: str,
    pairs: list[tuple[BalanceRow, At]],
    hidden: frozenset[tuple[str, str, str]],
) -> Table:
    rows = [Row(_balance_cells(row, at, _balance_key(row) in hidden)) for row, at in pairs]
    return Table(
        f"balance-{arm.replace('_', '-')}",
        say("Balance at baseline: {a} and {b}", a=source.arm(arm),
            b=source.arm(source.reference.id)),
        (
            Column(say("Variable")),
            Column((source.arm(arm),), "right"),
            Column((source.arm(source.reference.id),), "right"),
            Column(say("Standardised difference"), "right"),
            Column(say("Test")),
            Column(say("Statistic"), "right"),
            Column(say("df"), "right"),
            Column(say("p"), "right"),
        ),
        tuple(rows),
        (_small_note(bool(hidden)),),
        widths=(4.2, 1.6, 1.6, 2.1, 1.7, 1.4, 0.9, 1),
    )  # fmt: skip


def _balance_cells(row: BalanceRow, at: At, hidden: bool) -> tuple[Runs, ...]:
    category = say(": {c}", c=(at / "category").spaced()) if row.category else ""
    label = say("{l}{c}", l=(at / "label").name(), c=category)

    def value(key: str) -> Runs:
        if hidden:
            return (WITHHELD,)
        place = at / key
        if not place:
            return (DASH,)
        return (place.as_form("percent", 1) if row.category else place.significant(),)

    def number(key: str, decimals: int) -> Runs:
        return ((at / key).fixed(decimals),) if at / key else (DASH,)

    gap = (DASH,) if hidden else number("standardised_difference", 2)
    p: Runs = ((at / "test_p_value").as_form("p_cell"),) if at / "test_p_value" else (DASH,)
    df = (at / "test_degrees_of_freedom").as_form("plain") if row.test_statistic else DASH
    test: Runs = ((at / "test").name(),) if row.test else (DASH,)
    return (label, value("arm_value"), value("reference_value"), gap, test,
            number("test_statistic", 2), (df,), p)  # fmt: skip
