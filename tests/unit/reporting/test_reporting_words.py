"""What the report says, in the cases a trial can come to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from results_factory import coffee, goal_setting, letters

from lighttouch.core.estimation.model import AdjustedP, Estimate
from lighttouch.core.reporting.composing.findings import describe_ruled_out
from lighttouch.core.reporting.composing.whole import compose_document
from lighttouch.core.reporting.composing.withholding import (
    withhold_balance,
    withhold_characteristics,
    withhold_collection,
)
from lighttouch.core.reporting.document import Document, Figure, LoveDrawing
from lighttouch.core.reporting.figures.drawing import draw_figure
from lighttouch.core.reporting.resolving import (
    Resolver,
    document_text,
    label_parts,
    resolve_document,
)
from lighttouch.core.reporting.results import ArmText, OutcomeResult, Results
from lighttouch.core.reporting.sourcing import open_source


def write(results: Results) -> str:
    source = open_source(results)
    text = document_text(resolve_document(compose_document(source), source.top.value))
    return text.replace("\u00a0", " ")


def compose(results: Results) -> tuple[Document, Resolver]:
    source = open_source(results)
    document = compose_document(source)
    return document, Resolver(source.top.value, label_parts(document))


def with_outcome(results: Results, **changes: Any) -> Results:
    first, *others = results.outcomes
    return replace(results, outcomes=(replace(first, **changes), *others))


def with_registered(results: Results, **changes: Any) -> Results:
    first, *others = results.outcomes[0].estimates
    return with_outcome(results, estimates=(replace(first, **changes), *others))


def adjusted(p: float, value: float) -> tuple[AdjustedP, ...]:
    return (AdjustedP("wellbeing", "letter", "primary", "westfall_young", p, value),)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"p_value": 0.04}, "statistically significant at the 5% level"),
        ({"p_value": 0.004}, "statistically significant at the 1% level"),
        ({"p_value": 0.5}, "not statistically significant at the registered 5% level"),
        ({"p_value": 0.15}, "reaches the 20% mark, which was registered as indicative only"),
        ({"p_value": 0.07}, "reaches the 10% mark, which was registered as indicative only"),
        ({"estimate": 0.6}, "the Letter arm was higher than the Waitlist arm by 0.60"),
        ({"estimate": -0.6}, "the Letter arm was lower than the Waitlist arm by 0.60"),
        ({"estimate": 0.001}, "the Letter arm did not differ from the Waitlist arm"),
        ({"interval": (-0.3, 0.35)}, "rules out an effect as large as the smallest effect"),
        ({"interval": (-0.9, 0.35)}, "but not a harm of that size"),
        ({"interval": (-0.9, 0.95)}, "has not shown that there is no effect"),
    ],
)
def test_words_follow_the_numbers(changes: dict[str, Any], expected: str) -> None:
    assert expected in write(with_registered(letters(), **changes))


@pytest.mark.parametrize(
    ("p", "after", "expected"),
    [
        (0.004, 0.03, "An effect was found, for the better."),
        (0.004, 0.2, "Significant alone, but not after adjustment for several outcomes."),
        (0.4, 0.8, "No significant difference was found."),
        (0.15, 0.8, "No significant difference; an indicative mark is reached."),
    ],
)
def test_the_summary_weighs_the_adjustment_for_several_outcomes(
    p: float, after: float, expected: str
) -> None:
    results = with_registered(letters(), p_value=p, estimate=0.5)
    text = write(with_outcome(results, adjusted=adjusted(p, after)))
    summary = text[text.index("Primary outcome") : text.index("Other outcomes")]
    assert expected in summary


@pytest.mark.parametrize(
    ("better", "estimate", "expected"),
    [
        ("higher", -0.5, "An effect was found, for the worse."),
        ("lower", -0.5, "An effect was found, for the better."),
        ("neither", -0.5, "An effect was found."),
    ],
)
def test_an_effect_is_good_or_bad_by_the_declared_direction(
    better: str, estimate: float, expected: str
) -> None:
    results = with_registered(letters(), p_value=0.001, estimate=estimate)
    assert expected in write(with_outcome(results, better=better, adjusted=()))


def test_no_difference_is_called_so_in_the_summary() -> None:
    assert "Subjective well-being: no different (" in write(
        with_registered(letters(), estimate=0.0001)
    )


@pytest.mark.parametrize(
    ("interval", "better", "part"),
    [
        ([-0.9, 0.9], "neither", "does not rule out"),
        ([-0.2, 0.9], "neither", "does not rule out"),
        ([-0.2, 0.9], "higher", "does not rule out"),
        ([-0.2, 0.9], "lower", "benefit"),
        ([-0.9, 0.2], "higher", "benefit"),
    ],
)
def test_what_is_ruled_out_depends_on_the_better_direction(
    interval: list[float], better: str, part: str
) -> None:
    assert part in describe_ruled_out(interval, 0.5, better)


def test_few_clusters_are_judged_by_the_randomisation_p_value() -> None:
    text = write(coffee())
    test = coffee().outcomes[0].randomisation[0]
    assert f"p = {test.p_value:.3f}, by randomisation inference" in text
    assert "Randomisation inference over every one of 1,296 possible allocations" in text
    assert "Where clusters are few or uneven, p comes from randomisation inference." in text
    silent = with_outcome(
        coffee(), randomisation=(replace(test, p_value=None, reason_not_run="No design."),)
    )
    assert "Randomisation inference was not run: no design." in write(silent)
    bare = with_outcome(coffee(), randomisation=(replace(test, smallest_p=None),))
    assert "the smallest the design can give" not in write(bare)


def test_thresholds_are_named_as_registered() -> None:
    none = replace(letters().analysis, thresholds=(), indicative_thresholds=())
    text = write(replace(letters(), analysis=none))
    assert "No threshold of significance was registered." in text
    assert "No threshold was registered, so nothing is marked." in text
    assert "+ p < 0.2, ++ p < 0.1 (plus signs are indicative only" in write(letters())
    assert "plus signs" not in write(coffee())
    odd = replace(letters().analysis, thresholds=(0.025,))
    assert "registered 2.5% level" in write(replace(letters(), analysis=odd))


def test_warnings_come_first_with_the_outcome_they_are_about() -> None:
    text = write(replace(coffee(), warnings=("Odd.", *coffee().outcomes[0].estimates[0].warnings)))
    box = text[text.index("Read the results with these") : text.index("The trial")]
    assert "Odd." in box
    assert "Few clusters: the randomisation p-value is the one of record. (Days attended)" in box
    assert "Read the results" not in write(replace(letters(), warnings=()))


def test_warnings_of_other_outcomes_stand_beside_them() -> None:
    results = goal_setting()
    beside = results.outcomes[1].estimates[0].warnings
    only = with_registered(results, warnings=())
    text = write(replace(only, warnings=beside))
    box = text[text.index("Read the results with these") : text.index("The trial")]
    assert beside[0] not in box
    assert "carry warnings of their own" in box


def bare(results: Results) -> Results:
    """The same trial with everything that can be missing left out."""
    trial = replace(
        results.trial, arms=results.trial.arms[:1], registered_at="", blocks=(), strata=(),
        assumptions=(), hypotheses=(), ethics=(), interventions=(), clustered=False,
        allocation_method="none",
    )  # fmt: skip
    flow = replace(results.flow, arms=results.flow.arms[:1], randomised_clusters=None,
                   screened_clusters=None, excluded={})  # fmt: skip
    nothing = tuple(
        replace(o, estimates=(), welch=(), randomisation=(), effect_sizes=(), adjusted=(),
                summaries=o.summaries[:1], not_estimated="There is one arm.")
        for o in results.outcomes
    )  # fmt: skip
    analysis = replace(results.analysis, randomisation_draws=None, house="", missing=(), terms=())
    note = replace(results.data_note, allocation_verified=None, controller="")
    return replace(
        results, trial=trial, flow=flow, outcomes=nothing, collection=(), timeline=(),
        characteristics=(), balance=(), uptake=(), deviations=(), warnings=(), analysis=analysis,
        data_note=note,
    )  # fmt: skip


def test_a_study_with_one_arm_has_a_report_without_effects() -> None:
    text = write(bare(coffee()))
    assert "took part in a study without a comparison arm" in text
    assert "not registered" in text
    assert "Not estimated. There is one arm." in text
    assert "cannot be compared with a plan." in text
    assert "None was declared." in text
    assert "None was found" not in text
    assert "Regressions in full" not in text
    assert "not applicable" in text


def test_partial_results_leave_dashes_and_not_gaps() -> None:
    results = letters()
    outcome = results.outcomes[0]
    hollow = tuple(replace(s, standard_error=None) for s in outcome.summaries)
    sizes = tuple(replace(s, percentage=None, hedges_g=None) for s in outcome.effect_sizes)
    cut = with_outcome(results, summaries=hollow, effect_sizes=sizes, welch=(), randomisation=(),
                       estimates=outcome.estimates[:1], note="A note.")  # fmt: skip
    text = write(cut)
    assert "SE not defined" in text
    assert "A note." in text
    text = write(with_outcome(cut, reliability=(0.8, None), smallest_effect_of_interest=None))
    assert "Cronbach’s alpha: 0.80." in text
    assert "No smallest effect of interest was registered to judge this by." in text


def without_spread(results: Results) -> Results:
    first, *others = results.outcomes[0].summaries
    summaries = (replace(first, sd=None), *others)
    coefficients = results.outcomes[0].estimates[0].coefficients
    loose = (replace(coefficients[0], statistic=None, p_value=None), *coefficients[1:])
    changed = with_registered(results, coefficients=loose, r_squared=None, clusters=None)
    return with_outcome(changed, summaries=summaries, welch=())


def test_a_mean_of_one_person_is_printed_without_spread() -> None:
    document, resolver = compose(without_spread(coffee()))
    effects = next(table for table in document.tables if table.id == "effects")
    assert "(" not in resolver.text(effects.rows[1].cells[1])


def test_an_arm_without_the_outcome_is_a_dash() -> None:
    results = letters()
    first, *others = results.outcomes[0].summaries
    empty = replace(first, n=0, mean=None, sd=None, standard_error=None, quartiles=None)
    first_estimate = results.outcomes[0].estimates[0]
    odd = with_outcome(results, summaries=(empty, *others), welch=(), estimates=(first_estimate,))
    document, _ = compose(with_outcome(odd, estimates=(), not_estimated="No data."))
    assert all(figure.id != "outcome-wellbeing" for figure in document.figures)


def test_a_treated_arm_without_data_is_left_out_of_the_figure() -> None:
    results = three_arms(letters())
    first, second, third = results.outcomes[0].summaries
    empty = replace(third, n=0, mean=None, sd=None, standard_error=None, quartiles=None)
    estimates = tuple(e for e in results.outcomes[0].estimates if e.arm != "visit")
    row = replace(results.balance[0], arm="visit", variable="only", standardised_difference=0.2)
    odd = with_outcome(
        replace(results, balance=(results.balance[0], row)),
        summaries=(first, second, empty), estimates=estimates, smallest_effect_of_interest=None,
    )  # fmt: skip
    document, resolver = compose(odd)
    drawn = {f.id: draw_figure(f, resolver.text).svg for f in document.figures if is_small(f)}
    assert "Visit" not in drawn["outcome-wellbeing"]
    assert drawn["love"].count("Days attended at baseline") == 2


def test_an_arm_without_balance_rows_has_no_balance_table() -> None:
    results = three_arms(letters())
    rows = tuple(row for row in results.balance if row.arm == "letter")
    text = write(replace(results, balance=rows))
    assert "Balance at baseline: Visit" not in text


def test_flow_without_exclusions_or_deliveries_has_fewer_boxes() -> None:
    flow = letters().flow
    arms = tuple(replace(arm, received=None) for arm in flow.arms)
    document, resolver = compose(replace(letters(), flow=replace(flow, excluded={}, arms=arms)))
    svg = draw_figure(document.figures[0], resolver.text).svg
    assert "Left out before allocation" not in svg
    assert "received at least" not in svg


def test_a_trial_with_primary_outcomes_only_has_one_list_of_findings() -> None:
    text = write(replace(letters(), outcomes=letters().outcomes[:1]))
    assert "Primary outcome" in text
    assert "Other outcomes" not in text


def three_arms(results: Results) -> Results:
    """A second treated arm that is a copy of the first."""
    extra = ArmText("visit", "Visit", "", False, False)

    def copy(outcome: OutcomeResult) -> OutcomeResult:
        second = [e for e in outcome.estimates if e.specification != "house"]
        plain = [replace(e, specification="sensitivity") for e in outcome.estimates[:1]]
        sensitivity = [
            *(replace(e, variance="HC3") for e in plain),
            *(replace(e, estimand="cluster average") for e in plain),
            *plain,
        ]
        visit: list[Estimate] = [replace(e, arm="visit") for e in [*second, *sensitivity]]
        return replace(
            outcome,
            estimates=(*outcome.estimates, *visit),
            summaries=(*outcome.summaries, replace(outcome.summaries[1], arm="visit")),
            effect_sizes=(*outcome.effect_sizes, *(
                replace(s, arm="visit") for s in outcome.effect_sizes)),
            adjusted=(*outcome.adjusted, *(replace(a, arm="visit") for a in outcome.adjusted)),
        )  # fmt: skip

    flow = replace(
        results.flow, arms=(*results.flow.arms, replace(results.flow.arms[1], arm="visit"))
    )
    rows = tuple(
        replace(row, values={**row.values, "visit": row.values["letter"]})
        for row in results.characteristics
    )
    balance = (*results.balance, *(replace(row, arm="visit") for row in results.balance))
    trial = replace(results.trial, arms=(*results.trial.arms, extra))
    return replace(
        results, trial=trial, flow=flow, characteristics=rows, balance=balance,
        outcomes=tuple(copy(outcome) for outcome in results.outcomes),
    )  # fmt: skip


def test_several_treated_arms_are_told_apart_everywhere() -> None:
    results = three_arms(letters())
    text = write(results)
    assert "higher by 0.50 in the Letter arm" in text
    assert "in the Visit arm" in text
    assert "Balance at baseline: Visit and Waitlist" in text
    assert text.count("Letter and Visit, main outcomes: registered analysis") == 1
    document, resolver = compose(results)
    drawn = {f.id: draw_figure(f, resolver.text).svg for f in document.figures if is_small(f)}
    assert "Visit: Registered analysis" in drawn["outcome-wellbeing"]
    assert "Visit: HC3" in drawn["outcome-wellbeing"]
    assert "Visit" in drawn["love"]


def is_small(figure: Figure) -> bool:
    return figure.id in ("outcome-wellbeing", "love", "outcome-turnover")


def test_withheld_points_give_way_to_quartiles() -> None:
    document, resolver = compose(with_outcome(letters(), points=()))
    figure = next(f for f in document.figures if f.id == "outcome-wellbeing")
    assert "from the lower to the upper quartile" in resolver.text(figure.caption)
    assert draw_figure(figure, resolver.text).svg.startswith("<svg")
    bare_summaries = tuple(replace(s, quartiles=None) for s in letters().outcomes[0].summaries)
    document, resolver = compose(with_outcome(letters(), points=(), summaries=bare_summaries))
    figure = next(f for f in document.figures if f.id == "outcome-wellbeing")
    assert draw_figure(figure, resolver.text).svg.startswith("<svg")


def test_a_binary_outcome_is_told_in_per_cent_and_points() -> None:
    results = letters()
    place = [o.id for o in results.outcomes].index("turnover")
    text = write(results)
    estimate = results.outcomes[place].estimates[0]
    assert f"by {abs(100 * estimate.estimate):.1f} percentage points" in text
    document, resolver = compose(results)
    figure = next(f for f in document.figures if f.id == "outcome-turnover")
    assert "the share in each arm with its 95% interval" in resolver.text(figure.caption)
    svg = draw_figure(figure, resolver.text).svg
    assert svg.count("<g>") < 400


def test_small_counts_are_withheld_with_their_complements() -> None:
    text = write(letters())
    assert "fewer than 5" in text
    assert "withheld" in text
    hidden = withhold_characteristics(letters())
    assert ("role", "newly qualified", "letter") in hidden
    assert ("role", "manager", "all") in hidden or ("role", "manager", "letter") in hidden
    assert all(category for _, category, _ in withhold_balance(letters()))
    large = tuple(replace(c, responded=40, returned=80) for c in letters().collection)
    assert withhold_collection(large) == frozenset()
    no_survey = tuple(replace(c, responded=None) for c in large)
    assert "survey" not in " ".join(k for _, _, k in withhold_collection(no_survey))


def test_a_share_of_a_small_count_is_withheld_even_if_the_sample_table_lacks_it() -> None:
    results = replace(letters(), characteristics=())
    row = replace(results.balance[3], arm_value=3 / 172, variable="rare", category="rare")
    assert withhold_balance(replace(results, balance=(row,))) == {("rare", "rare", "letter")}
    none = replace(row, arm_value=None, reference_value=None)
    assert withhold_balance(replace(results, balance=(none,))) == frozenset()


def test_small_totals_of_collection_are_withheld() -> None:
    few = tuple(
        replace(c, responded=1, returned=None if c.wave == "baseline" else 60)
        for c in letters().collection[:2]
    )
    other = replace(few[0], partner="z", partner_label="Z", responded=1)
    text = write(replace(letters(), collection=(*few, other)))
    assert "fewer than 5 of" in text
    assert "not planned" in text
    three = replace(few[0], partner="z", responded=7)
    text = write(replace(letters(), collection=(few[0], three)))
    assert "withheld" in text


def test_a_balance_row_without_values_shows_dashes() -> None:
    row = replace(letters().balance[0], arm_value=None, standardised_difference=None)
    document, _ = compose(replace(letters(), balance=(row,)))
    assert not any(isinstance(f.drawing, LoveDrawing) for f in document.figures)


def test_a_sample_table_copes_with_missing_spread_and_share() -> None:
    rows = letters().characteristics
    cell = rows[0].values["all"]
    hollow = {**rows[0].values, "all": replace(cell, mean=None), "letter": replace(cell, sd=None)}
    counted = {key: replace(c, share=None) for key, c in rows[1].values.items()}
    changed = (replace(rows[0], values=hollow), replace(rows[1], values=counted), *rows[2:])
    assert "Participants at baseline" in write(replace(letters(), characteristics=changed))


def test_shares_of_nobody_are_dashes() -> None:
    row = replace(letters().uptake[0], count=0, of=0)
    assert "Uptake and exposure" in write(replace(letters(), uptake=(row,)))


def test_methods_of_adjustment_and_allocation_have_names() -> None:
    row = replace(letters().outcomes[2].adjusted[0], method="my own")
    odd = replace(letters().outcomes[2], adjusted=(row,))
    results = replace(letters(), outcomes=(*letters().outcomes[:2], odd))
    trial = replace(results.trial, allocation_method="by lot")
    deviation = replace(results.deviations[0], reason="")
    text = write(replace(results, trial=trial, deviations=(deviation,)))
    assert "my own" in text
    assert "by lot" in text


def test_baselines_of_several_outcomes_share_a_row() -> None:
    results = goal_setting()

    def rename(outcome: OutcomeResult) -> OutcomeResult:
        estimates = tuple(
            replace(e, coefficients=tuple(
                replace(c, term=f"baseline:{outcome.id}", label=f"{outcome.label} at baseline")
                if c.term == "baseline" else c
                for c in e.coefficients if outcome.id == "attendance" or c.term != "female"))
            for e in outcome.estimates
        )  # fmt: skip
        return replace(outcome, estimates=estimates)

    document, resolver = compose(
        replace(results, outcomes=tuple(rename(o) for o in results.outcomes))
    )
    table = next(t for t in document.tables if t.id == "regression-registered-main-0")
    terms = [resolver.text(row.cells[0]) for row in table.rows]
    assert terms.count("Outcome at baseline") == 1
    assert table.rows[terms.index("Female")].cells[2] == ()
    assert not any(term.endswith(" at baseline") for term in terms if term[0] != "O")
    assert terms.index("Constant") < terms.index("N") < terms.index("Clusters")


@pytest.mark.parametrize("make", [letters, goal_setting, coffee])
def test_every_invented_trial_has_a_report(make: Callable[[], Results]) -> None:
    assert "What we found" in write(make())


def test_a_short_timeline_names_days() -> None:
    entries = tuple(
        replace(e, starts="2019-09-01", ends="2019-09-20")
        for e in (letters().timeline[0], letters().timeline[-1])
    )
    document, resolver = compose(replace(letters(), timeline=entries))
    figure = next(f for f in document.figures if f.id == "timeline")
    assert "Sep 2019" in draw_figure(figure, resolver.text).svg


def test_what_people_said_is_printed_by_theme_and_left_out_where_nothing_was_cleared() -> None:
    assert "It went up on my fridge." in write(letters())
    assert "What people said" not in write(replace(letters(), quotes=()))
