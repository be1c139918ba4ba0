"""Results become one text and come back the same."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from results_factory import coffee, goal_setting, letters

from lighttouch.core.errors import ReportError
from lighttouch.core.reporting.results import FunnelStage, Results
from lighttouch.core.reporting.schema import export_results_schema
from lighttouch.core.reporting.serialising import (
    results_from_json,
    results_to_json,
    to_text,
    to_tree,
)


@pytest.fixture(scope="module")
def text() -> str:
    return results_to_json(coffee())


def change(text: str, edit: Callable[[dict[str, Any]], object]) -> str:
    tree = json.loads(text)
    edit(tree)
    return json.dumps(tree)


@pytest.mark.parametrize("make", [letters, goal_setting, coffee])
def test_results_come_back_exactly_and_give_the_same_text(make: Callable[[], Results]) -> None:
    written = results_to_json(make())
    read = results_from_json(written)
    assert results_to_json(read) == written
    assert results_from_json(results_to_json(read)) == read


FUNNEL = (FunnelStage("Wrote", 7, 1.0, None, ""), FunnelStage("Met", 3, 3 / 7, 4, "Late."))


def test_a_funnel_comes_back_and_takes_no_room_where_there_is_none(text: str) -> None:
    written = results_to_json(replace(coffee(), funnel=FUNNEL))
    assert results_to_json(results_from_json(written)) == written
    tree = json.loads(written)
    assert tree.pop("funnel")[1]["share"] == 0.4285714286
    assert tree == json.loads(text)
    assert results_from_json(text).funnel == ()
    schema = json.loads(export_results_schema())
    assert "funnel" not in schema["required"]
    assert conforms(json.loads(written), schema, schema["$defs"])
    empty = change(text, lambda t: t.update(funnel=[]))
    assert results_to_json(results_from_json(empty)) == text


def test_floats_have_ten_significant_digits_and_whole_ones_stay_floats() -> None:
    whole = replace(coffee().analysis, confidence_level=1)
    tree = json.loads(results_to_json(replace(coffee(), analysis=whole)))
    assert repr(tree["analysis"]["confidence_level"]) == "1.0"
    assert to_tree(1 / 3) == 0.3333333333


@given(st.floats(-1e300, 1e300))
def test_rounding_once_is_rounding_for_good(value: float) -> None:
    once = to_tree(value)
    assert to_tree(once) == once
    assert "-0.0" not in to_text([to_tree(-0.0)])


def test_keys_keep_the_order_of_the_results_object(text: str) -> None:
    assert list(json.loads(text))[:4] == ["schema", "software", "trial", "analysis"]
    assert to_text({}) == "{}\n"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused_with_its_key(value: float) -> None:
    broken = replace(coffee().analysis, confidence_level=value, thresholds=(0.05, value))
    with pytest.raises(ReportError) as caught:
        results_to_json(replace(coffee(), analysis=broken))
    places = [fault.where for fault in caught.value.faults]
    assert places == ["/analysis/thresholds/1", "/analysis/confidence_level"]


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (lambda t: t.update(software=3), "/software"),
        (lambda t: t["trial"].update(clustered="yes"), "/trial/clustered"),
        (lambda t: t["trial"].pop("title"), "/trial/title"),
        (lambda t: t["trial"].update(colour="red"), "/trial/colour"),
        (lambda t: t.update(flow=[]), "/flow"),
        (lambda t: t.update(funnel=[{"stage": "Wrote"}]), "/funnel/0/partners"),
        (lambda t: t["flow"].update(excluded=[]), "/flow/excluded"),
        (lambda t: t["flow"].update(arms={}), "/flow/arms"),
        (lambda t: t["flow"]["arms"][0].update(cluster_sizes=[1, 2]), "/flow/arms/0/cluster_sizes"),
        (lambda t: t["analysis"].update(confidence_level="high"), "/analysis/confidence_level"),
        (
            lambda t: t["outcomes"][0]["estimates"][0].update(specification="mine"),
            "/outcomes/0/estimates/0/specification",
        ),
        (
            lambda t: t["outcomes"][0]["estimates"][0].update(estimate=10**400),
            "/outcomes/0/estimates/0/estimate",
        ),
    ],
)
def test_a_wrong_key_or_value_is_named(
    text: str, edit: Callable[[dict[str, Any]], object], where: str
) -> None:
    with pytest.raises(ReportError) as caught:
        results_from_json(change(text, edit))
    assert where in [fault.where for fault in caught.value.faults]


@pytest.mark.parametrize("version", [0, 2, "1", True, None])
def test_another_schema_version_is_refused_plainly(text: str, version: object) -> None:
    with pytest.raises(ReportError, match="this software reads version 1"):
        results_from_json(change(text, lambda t: t.update(schema=version)))


def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ReportError, match="line 1, column 1: the results file is not JSON"):
        results_from_json("oops")
    with pytest.raises(ReportError, match="no schema version"):
        results_from_json("[]")
    with pytest.raises(ReportError, match="NaN"):
        results_from_json('{"schema": NaN}')


def conforms(value: object, schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    """Check a value by the part of JSON Schema the export uses."""
    if "$ref" in schema:
        return conforms(value, definitions[schema["$ref"].split("/")[-1]], definitions)
    if "anyOf" in schema:
        return any(conforms(value, option, definitions) for option in schema["anyOf"])
    if "type" not in schema:
        return value in schema.get("enum", [schema.get("const")])
    kind = schema["type"]
    if kind == "object":
        return isinstance(value, dict) and conforms_object(value, schema, definitions)
    if kind == "array":
        return isinstance(value, list) and conforms_array(value, schema, definitions)
    types: dict[str, Any] = {"string": str, "integer": int, "number": (int, float),
                             "boolean": bool, "null": type(None)}  # fmt: skip
    return isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))


def conforms_object(
    value: dict[str, object], schema: dict[str, Any], definitions: dict[str, Any]
) -> bool:
    known = schema.get("properties", {})
    extra = schema["additionalProperties"]
    rest = [value[key] for key in value if key not in known]
    return (
        set(schema.get("required", ())) <= set(value)
        and all(conforms(value[key], known[key], definitions) for key in value if key in known)
        and (not rest if extra is False else all(conforms(v, extra, definitions) for v in rest))
    )


def conforms_array(
    value: list[object], schema: dict[str, Any], definitions: dict[str, Any]
) -> bool:
    prefix = schema.get("prefixItems", [])
    if prefix:
        return len(value) == len(prefix) and all(
            conforms(item, part, definitions) for item, part in zip(value, prefix, strict=True)
        )
    return all(conforms(item, schema["items"], definitions) for item in value)


@pytest.mark.parametrize("make", [letters, coffee])
def test_every_results_file_satisfies_the_exported_schema(make: Callable[[], Results]) -> None:
    schema = json.loads(export_results_schema())
    tree = json.loads(results_to_json(make()))
    assert conforms(tree, schema, schema["$defs"])
    tree["flow"]["screened"] = "many"
    assert not conforms(tree, schema, schema["$defs"])


def test_the_schema_describes_every_kind_of_result() -> None:
    schema = json.loads(export_results_schema())
    assert all(definition["description"] for definition in schema["$defs"].values())
    assert schema["properties"]["schema"] == {"const": 1}
