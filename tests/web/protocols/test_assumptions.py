"""Power moves as assumptions change, by the core's own calculation."""

import pytest

from lighttouch.core.errors import ProtocolError
from lighttouch.core.power.reporting import compute_power_report
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.web.protocols.assumptions import try_assumptions
from tests.web.protocols.cases import edit

COFFEE = parse_trial(library_text("coffee"))
LETTERS = parse_trial(library_text("letters"))


def test_unchanged_assumptions_give_what_the_command_line_gives() -> None:
    tried = try_assumptions(COFFEE, 0, {})
    assert tried.registered == tried.other == compute_power_report(COFFEE).outcomes[0]
    assert not tried.changed


def test_more_clusters_give_more_power_as_if_the_file_said_so() -> None:
    tried = try_assumptions(COFFEE, 0, {"clusters": "60"})
    written = parse_trial(edit(library_text("coffee"), ("clusters = 13", "clusters = 60")))
    assert tried.other == compute_power_report(written).outcomes[0]
    assert tried.other is not None
    assert tried.other.formula[0].power > tried.registered.formula[0].power
    assert tried.lines == "clusters = 60"


def test_few_clusters_are_said_loudly() -> None:
    assert try_assumptions(COFFEE, 0, {}).loud[0].startswith("FEW CLUSTERS: 13 clusters")
    assert not try_assumptions(COFFEE, 0, {"clusters": "60"}).loud


def test_only_what_bears_on_the_design_is_asked() -> None:
    assert {"participants"} <= {f.name for f in try_assumptions(LETTERS, 0, {}).fields}
    assert "icc" not in {f.name for f in try_assumptions(LETTERS, 0, {}).fields}
    assert {"icc", "clusters"} <= {f.name for f in try_assumptions(COFFEE, 0, {}).fields}


def test_list_of_sizes_is_asked_where_the_file_gives_one() -> None:
    text = edit(
        library_text("coffee"),
        ("clusters = 13\n", "cluster_sizes = [20, 30, 40, 25]\n"),
        ("mean_cluster_size = 29\n", ""),
        ("cluster_size_cv = 0.3\n", ""),
    )
    trial = parse_trial(text)
    tried = try_assumptions(trial, 0, {"cluster_sizes": "20, 30, 40, 25, 31"})
    assert tried.other is not None
    assert tried.other.plan.units == 5
    assert tried.lines == "cluster_sizes = [20, 30, 40, 25, 31]"


@pytest.mark.parametrize(
    ("name", "typed", "fault"),
    [
        ("effect", "much", "this is no number"),
        ("effect", "", "this is no number"),
        ("effect", "nan", "ordinary number"),
        ("effect", "-1", "must be above 0"),
        ("response", "30", "at most 1"),
        ("clusters", "12.5", "this is no number"),
        ("icc", "1", "below 1"),
        ("clusters", "1", "at least 2"),
    ],
)
def test_what_cannot_be_assumed_is_said_at_its_field(name: str, typed: str, fault: str) -> None:
    tried = try_assumptions(COFFEE, 0, {name: typed})
    assert tried.other is None
    assert fault in next(field.fault for field in tried.fields if field.name == name)
    assert tried.registered.formula


def test_power_that_no_sample_could_have_is_said_and_not_an_error_of_ours() -> None:
    tried = try_assumptions(COFFEE, 0, {"power": "0.01"})
    assert tried.other is None
    assert "not above the significance level" in str(tried.faults[0])


def test_entry_that_is_not_there_is_refused() -> None:
    with pytest.raises(ProtocolError, match="no power assumptions"):
        try_assumptions(parse_trial(library_text("nine_day")), 0, {})


@pytest.mark.parametrize("name", [name for name in library_names() if name != "nine_day"])
def test_values_as_written_in_the_file_change_nothing(name: str) -> None:
    trial = parse_trial(library_text(name))
    fields = try_assumptions(trial, 0, {}).fields
    tried = try_assumptions(trial, 0, {field.name: f" {field.registered} " for field in fields})
    assert tried.other == tried.registered
