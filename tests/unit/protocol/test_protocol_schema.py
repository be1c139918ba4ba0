"""The schema for editors and the reference page are those of the model that reads the file."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.offsets import Span, parse_span
from lighttouch.core.protocol.paths import resolve_key
from lighttouch.core.protocol.problems import name_choices
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.reference import render_reference
from lighttouch.core.protocol.schema import export_json_schema, keys_at, load_schema

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads(export_json_schema())


def keys_used(data: object, node: dict[str, Any]) -> list[str]:
    """Return keys of the data that the schema does not know, walking both."""
    if "$ref" in node:
        return keys_used(data, SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    if "oneOf" in node:
        return min((keys_used(data, option) for option in node["oneOf"]), key=len)
    if isinstance(data, list):
        return [key for item in data for key in keys_used(item, node["items"])]
    if not isinstance(data, dict):
        return []
    known = node["properties"]
    unknown = [key for key in data if key not in known]
    lacking = [key for key in node.get("required", ()) if key not in data]
    below = [k for key in data if key in known for k in keys_used(data[key], known[key])]
    return [*unknown, *lacking, *below]


@pytest.mark.parametrize("name", library_names())
def test_the_schema_knows_every_key_of_the_library_and_lacks_none(name: str) -> None:
    assert keys_used(tomllib.loads(library_text(name)), SCHEMA) == []


def test_the_schema_allows_no_unknown_key_and_no_null() -> None:
    tables = [SCHEMA, *(d for d in SCHEMA["$defs"].values() if d["type"] == "object")]
    assert [table["additionalProperties"] for table in tables] == [False] * len(tables)
    assert '"null"' not in export_json_schema()
    assert ": null" not in export_json_schema()


def test_every_key_of_the_schema_is_described() -> None:
    tables = {"Trial": SCHEMA, **SCHEMA["$defs"]}
    bare = [
        f"{name}.{key}"
        for name, table in tables.items()
        for key, part in table["properties"].items()
        if not part.get("description")
    ]
    assert bare == []


def test_the_reference_page_is_in_step_with_the_model() -> None:
    page = (ROOT / "docs" / "methods" / "trial-file.md").read_text(encoding="utf-8")
    assert page == render_reference()


def test_the_reference_page_names_every_key() -> None:
    page = render_reference()
    tables = [load_schema(), *load_schema()["$defs"].values()]
    missing = {key for t in tables for key in t["properties"] if f"| `{key}` |" not in page}
    assert missing == set()


@pytest.mark.parametrize(
    ("path", "data", "keys"),
    [
        (("waves", 0, "table"), {"waves": [{"table": {}}]}, "participant"),
        (("outcomes", 0, "derive"), {"outcomes": [{"derive": {"from": "column"}}]}, "scale"),
    ],
)
def test_the_keys_of_a_table_are_known_by_its_path(
    path: tuple[str | int, ...], data: object, keys: str
) -> None:
    assert keys in keys_at(path, data)


@pytest.mark.parametrize(
    "data",
    [
        {"outcomes": [{"derive": {"from": "nowhere"}}]},
        {"outcomes": [{"derive": {"from": 3}}]},
        {"outcomes": [{"derive": 3}]},
        {"outcomes": []},
        {"outcomes": 3},
        {},
    ],
)
def test_what_is_not_a_known_table_has_no_keys(data: object) -> None:
    assert keys_at(("outcomes", 0, "derive"), data) == ()


def test_an_unknown_trial_of_the_library_is_named_with_those_it_has() -> None:
    with pytest.raises(ProtocolError, match="'leters'") as raised:
        library_text("leters")
    assert "letters, goal_setting" in raised.value.faults[0].remedy


def test_a_long_list_of_choices_is_cut() -> None:
    names = [f"name{n}" for n in range(20)]
    assert name_choices("zzz", names).endswith("name11 …")
    assert name_choices("zzz", [], none="Nothing") == "Nothing"


def test_an_element_without_identifier_is_addressed_by_position() -> None:
    data = {"strata": [{"by": "value"}], "title": "x", "blocks": ["partner"]}
    assert resolve_key("blocks.0", data) is None
    assert resolve_key("strata.0.by", data) is None
    assert resolve_key("strata[0].by", data) is None
    missing = resolve_key("strata.1", data)
    assert missing is not None
    assert missing.known == ("0",)
    missing = resolve_key("title.x", data)
    assert missing is not None
    assert missing.known == ()


@pytest.mark.parametrize("text", ["1 month", "-12 months", "0 days", "52 weeks", "100 years"])
def test_a_span_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_span(text)) == text
    assert parse_span(parse_span(text)) == parse_span(text)


@pytest.mark.parametrize(
    "text", ["", "6", "six weeks", "6  weeks", "6 weeks\n", "1.5 days", "+1 day", "٣ days", 6, None]
)
def test_what_is_not_a_span_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a span of time is written like"):
        parse_span(text)


@pytest.mark.parametrize("text", ["101 years", "-36526 days", "99999 weeks"])
def test_a_span_beyond_a_century_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at most a century"):
        parse_span(text)


def test_a_span_counts_calendar_months() -> None:
    from datetime import date

    assert Span(-13, "month").after(date(2020, 3, 31)) == date(2019, 2, 28)
    assert Span(1, "year").after(date(2020, 2, 29)) == date(2021, 2, 28)
    assert Span(2, "week").after(date(2020, 12, 25)) == date(2021, 1, 8)


def test_a_trial_finds_its_parts_by_identifier() -> None:
    trial = parse_trial(library_text("letters"))
    assert trial.reference_arm.id == "waitlist"
    assert [arm.id for arm in trial.treated_arms] == ["letter"]
    assert trial.baseline_wave.id == "baseline"
    assert trial.wave("endline").label.startswith("Endline")
    assert trial.outcome("burnout").better == "lower"
    assert trial.covariate("role").reference == "social_worker"
    assert trial.partner("dudley").name == "Dudley"
    assert not trial.clustered
    alone = parse_trial(library_text("nine_day"))
    assert alone.reference_arm.id == "nine_day_fortnight"
    assert alone.treated_arms == ()
    assert not alone.clustered
    assert parse_trial(library_text("coffee")).clustered
