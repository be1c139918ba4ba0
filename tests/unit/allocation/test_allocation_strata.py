"""Who is allocated, in which block and stratum; who is left out and why; and the seed."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest

from lighttouch.core.allocation.excluding import apply_exclusions
from lighttouch.core.allocation.labels import label_values
from lighttouch.core.allocation.seeding import ALGORITHM, derive_seed, open_generator
from lighttouch.core.allocation.strata import assign_strata
from lighttouch.core.errors import AllocationError
from lighttouch.core.protocol.design import Allocation
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.people import Condition, Exclusion
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial


def make_trial(*, exclusions: tuple[Exclusion, ...] = (), **allocation: object) -> Trial:
    """The letters trial with another allocation and other exclusions."""
    letters = parse_trial(library_text("letters"))
    population = letters.population.model_copy(update={"exclusions": exclusions})
    return letters.model_copy(
        update={"population": population, "allocation": Allocation.model_validate(allocation)}
    )


def make_roster(columns: Mapping[str, object], partner: str = "dudley") -> pl.DataFrame:
    roster = pl.DataFrame(columns)
    ids = [f"{partner}/{at}" for at in range(roster.height)]
    return roster.with_columns(
        participant=pl.Series(ids), partner=pl.lit(partner), excluded_because=pl.lit("")
    )


def strata_of(roster: pl.DataFrame, trial: Trial) -> list[str]:
    return assign_strata(roster, trial)["stratum"].to_list()


VALUE = [{"by": "value", "column": "role"}]
THIRDS = [{"by": "quantile", "of": "value", "column": "tenure_months", "groups": 3}]


def test_without_strata_everyone_of_a_partner_is_in_one_cell() -> None:
    placed = assign_strata(make_roster({"role": ["manager", "other"]}), make_trial())
    assert placed.rows() == [("dudley/0", "dudley", ""), ("dudley/1", "dudley", "")]


def test_without_blocks_there_is_one_block() -> None:
    placed = assign_strata(make_roster({"role": ["manager"]}), make_trial(blocks=()))
    assert placed["block"].to_list() == [""]


def test_blocks_join_the_values_of_their_columns() -> None:
    roster = make_roster({"role": ["manager", None]})
    placed = assign_strata(roster, make_trial(blocks=("partner", "role")))
    assert placed["block"].to_list() == ["dudley; manager", "dudley; missing"]


def test_value_strata_name_the_value_and_keep_missing_apart() -> None:
    roster = make_roster({"role": ["manager", None, "other"]})
    assert strata_of(roster, make_trial(strata=VALUE)) == [
        "role: manager",
        "role: missing",
        "role: other",
    ]


def test_strata_cross_one_another() -> None:
    roster = make_roster({"role": ["manager", "other"], "tenure_months": [1.0, 9.0]})
    halves = {**THIRDS[0], "groups": 2}
    assert strata_of(roster, make_trial(strata=[*VALUE, halves])) == [
        "role: manager; tenure_months: 1 of 2",
        "role: other; tenure_months: 2 of 2",
    ]


def test_quantile_groups_cut_at_ranks_and_missing_values_stand_apart() -> None:
    roster = make_roster({"tenure_months": [5.0, None, 1.0, 9.0, 7.0, 3.0, 2.0]})
    assert [
        label.removeprefix("tenure_months: ")
        for label in strata_of(roster, make_trial(strata=THIRDS))
    ] == [
        "2 of 3",
        "missing",
        "1 of 3",
        "3 of 3",
        "3 of 3",
        "2 of 3",
        "1 of 3",
    ]


def test_equal_values_are_parted_by_identifier() -> None:
    roster = make_roster({"tenure_months": [4.0] * 6})
    labels = strata_of(roster.reverse(), make_trial(strata=THIRDS))
    assert [label[-6] for label in labels] == list("112233")


def test_group_sizes_differ_by_one_at_most() -> None:
    roster = make_roster({"tenure_months": [float(x) for x in range(11)]})
    labels = strata_of(roster, make_trial(strata=THIRDS))
    assert sorted(labels.count(label) for label in set(labels)) == [3, 4, 4]


def test_cut_points_are_taken_within_each_partner_or_over_the_trial() -> None:
    roster = pl.concat(
        [
            make_roster({"tenure_months": [1.0, 2.0]}),
            make_roster({"tenure_months": [8.0, 9.0]}, "shropshire"),
        ]
    )
    halves = {**THIRDS[0], "groups": 2}
    within = strata_of(roster, make_trial(strata=[halves]))
    over = strata_of(roster, make_trial(strata=[{**halves, "within": "trial"}]))
    assert [label[-6] for label in within] == list("1212")
    assert [label[-6] for label in over] == list("1122")


def test_clusters_are_units_named_within_their_partner() -> None:
    roster = make_roster({"team": ["t2", "t1", "t2"]})
    placed = assign_strata(roster, make_trial(unit="team"))
    assert placed["unit"].to_list() == ["dudley/t1", "dudley/t2"]


def test_cluster_size_counts_those_not_left_out() -> None:
    roster = make_roster({"team": ["a", "a", "b", "b", "b"]}).with_columns(
        excluded_because=pl.Series(["", "", "left", "left", ""])
    )
    halves = {"by": "quantile", "of": "cluster_size", "groups": 2}
    assert strata_of(roster, make_trial(unit="team", strata=[halves])) == [
        "cluster_size: 2 of 2",
        "cluster_size: 1 of 2",
    ]


def test_cluster_mean_is_over_members_with_a_value() -> None:
    roster = make_roster(
        {"team": ["a", "a", "b", "b", "c"], "tenure_months": [9.0, None, 1.0, 2.0, None]}
    )
    halves = {**THIRDS[0], "of": "cluster_mean", "groups": 2}
    assert strata_of(roster, make_trial(unit="team", strata=[halves])) == [
        "tenure_months: 2 of 2",
        "tenure_months: 1 of 2",
        "tenure_months: missing",
    ]


def test_order_of_rows_does_not_tip_a_tie_between_cluster_means() -> None:
    values = [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]
    roster = make_roster({"team": ["a"] * 3 + ["b"] * 3, "tenure_months": values})
    halves = {**THIRDS[0], "of": "cluster_mean", "groups": 2}
    trial = make_trial(unit="team", strata=[halves])
    assert strata_of(roster, trial) == strata_of(roster.reverse(), trial)
    assert [label[-6] for label in strata_of(roster, trial)] == list("12")


def test_a_clusters_own_value_must_be_the_same_for_all_members() -> None:
    roster = make_roster({"team": ["a", "a"], "role": ["manager", "other"]})
    with pytest.raises(AllocationError, match="different values of role"):
        assign_strata(roster, make_trial(unit="team", strata=VALUE))


def test_a_clusters_own_number_must_be_the_same_for_all_members() -> None:
    roster = make_roster({"team": ["a", "a"], "tenure_months": [1.0, 2.0]})
    with pytest.raises(AllocationError, match="different values of tenure_months"):
        assign_strata(roster, make_trial(unit="team", strata=THIRDS))


def test_text_that_is_no_number_cannot_be_cut_into_quantiles() -> None:
    roster = make_roster({"tenure_months": ["4", "long"]})
    with pytest.raises(AllocationError, match="not every value of tenure_months is a number"):
        assign_strata(roster, make_trial(strata=THIRDS))


def test_every_column_that_is_not_there_is_named() -> None:
    with pytest.raises(AllocationError) as caught:
        assign_strata(make_roster({"x": [1]}), make_trial(unit="team", strata=[*VALUE, *THIRDS]))
    assert [fault.what.split()[4] for fault in caught.value.faults] == [
        "team,",
        "role,",
        "tenure_months,",
    ]


def test_a_participant_without_a_cluster_is_refused() -> None:
    with pytest.raises(AllocationError, match="have no team, which is what is allocated"):
        assign_strata(make_roster({"team": ["a", None]}), make_trial(unit="team"))


def test_nobody_left_is_refused() -> None:
    roster = make_roster({"team": ["a"]}).with_columns(excluded_because=pl.lit("left"))
    with pytest.raises(AllocationError, match="nobody is left"):
        assign_strata(roster, make_trial())


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([True, False, None], ["yes", "no", "missing"]),
        ([2.0, 0.1, None], ["2", "0.1", "missing"]),
        (["a", "", None], ["a", "missing", "missing"]),
        ([date(2019, 5, 3), None], ["2019-05-03", "missing"]),
    ],
)
def test_values_become_plain_labels(values: list[object], labels: list[str]) -> None:
    assert label_values(pl.Series(values)).to_list() == labels


def exclude(roster: pl.DataFrame, *tests: Mapping[str, object]) -> list[str]:
    rules = tuple(
        Exclusion(id=f"rule_{at}", reason="Because", when=Condition.model_validate(dict(test)))
        for at, test in enumerate(tests)
    )
    return apply_exclusions(roster, make_trial(exclusions=rules))["excluded_because"].to_list()


def test_the_first_rule_that_applies_is_the_reason() -> None:
    roster = make_roster({"role": ["manager", "other", "student"]})
    tests = (
        {"column": "role", "one_of": ("manager", "other")},
        {"column": "role", "equals": "other"},
    )
    assert exclude(roster, *tests) == ["rule_0", "rule_0", ""]


@pytest.mark.parametrize(
    ("values", "test", "met"),
    [
        ([1.0, 2.0, None], {"below": 2.0}, [True, False, False]),
        ([1.0, 2.0, None], {"at_least": 2.0}, [False, True, False]),
        ([1.0, 2.0, None], {"missing": True}, [False, False, True]),
        ([1.0, 2.0, None], {"missing": False}, [True, True, False]),
        (["", "x", None], {"missing": True}, [True, False, True]),
        ([1, 2, None], {"equals": 1.0}, [True, False, False]),
        ([1, 2, None], {"one_of": (2.0, 3.0)}, [False, True, False]),
        (["1", "2.0", "x"], {"equals": 2.0}, [False, True, False]),
        (["a", "b", None], {"equals": "a"}, [True, False, False]),
        ([True, False, None], {"equals": True}, [True, False, False]),
        (
            [date(2019, 1, 1), date(2035, 1, 1), None],
            {"before_launch": True},
            [True, False, False],
        ),
        (["2019-01-01", "2035-01-01", "soon"], {"before_launch": True}, [True, False, False]),
    ],
)
def test_conditions_test_what_they_say(
    values: list[object], test: Mapping[str, object], met: list[bool]
) -> None:
    found = exclude(make_roster({"cell": values}), {"column": "cell", **test})
    assert [reason != "" for reason in found] == met


def test_small_clusters_are_counted_after_earlier_rules_and_within_a_partner() -> None:
    rules = (
        Exclusion(id="manages", reason="M", when=Condition(column="role", equals="manager")),
        Exclusion(id="small", reason="S", cluster_smaller_than=2),
    )
    east = make_roster(
        {"team": ["a", "a", "b", "b", None], "role": ["manager", "x", "x", "x", "x"]}
    )
    west = make_roster({"team": ["a"], "role": ["x"]}, "shropshire")
    trial = make_trial(unit="team", exclusions=rules)
    found = apply_exclusions(pl.concat([east, west]), trial)["excluded_because"].to_list()
    assert found == ["manages", "small", "", "", "", "small"]


def test_a_rule_on_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(AllocationError, match="no column cell, which the exclusion rule_0 tests"):
        exclude(make_roster({"x": [1]}), {"column": "cell", "missing": True})


def test_a_rule_on_the_launch_needs_one() -> None:
    roster = make_roster({"cell": [date(2019, 1, 1)]}, "elsewhere")
    with pytest.raises(AllocationError, match="launch is not set"):
        exclude(roster, {"column": "cell", "before_launch": True})


def test_seed_is_the_documented_hmac() -> None:
    message = f"{ALGORITHM}\n{'a' * 64}\n{'b' * 64}".encode()
    expected = int(hmac.new(b"secret", message, hashlib.sha256).hexdigest(), 16)
    seed = derive_seed(secret=b"secret", roster_sha256="a" * 64, protocol_sha256="b" * 64)
    assert seed == expected


def test_any_change_of_an_input_changes_the_seed() -> None:
    base = {"secret": b"s" * 32, "roster_sha256": "a" * 64, "protocol_sha256": "b" * 64}
    other = {"secret": b"t" * 32, "roster_sha256": "c" * 64, "protocol_sha256": "d" * 64}
    seeds = {derive_seed(**{**base, key: value}) for key, value in other.items()}  # type: ignore[arg-type]
    assert len(seeds | {derive_seed(**base)}) == 4  # type: ignore[arg-type]


def test_golden_stream_of_a_seed() -> None:
    assert open_generator(2**200 + 1).integers(0, 1000, size=5).tolist() == [
        647,
        768,
        744,
        496,
        939,
    ]
