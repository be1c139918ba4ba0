"""Whatever a trial file holds, the answer is a trial or faults with lines and remedies."""

import tempfile
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.errors import Fault, ProtocolError
from lighttouch.core.protocol.comparing import compare_trials
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.locating import Path as KeyPath
from lighttouch.core.protocol.locating import locate_lines
from lighttouch.core.protocol.offsets import Span, parse_span
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.registering import (
    amend_trial,
    commit_secret,
    read_registration,
    read_text_in_force,
    register_trial,
)

names = st.sampled_from(library_names())
scraps = st.sampled_from(
    [
        "true",
        "3",
        "-1.5",
        '"x"',
        "[]",
        "{}",
        "[1, 2]",
        '"6 weeks"',
        "2019-10-07",
        "nan",
        '""',
        "1e400",
    ]
)


@st.composite
def mutated_files(draw: st.DrawFn) -> str:
    """A file of the library with up to three lines dropped, doubled, moved or spoilt."""
    lines = library_text(draw(names)).split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        action = draw(st.sampled_from(["drop", "double", "move", "key", "value", "cut"]))
        line = lines[at]
        if action in ("drop", "move"):
            del lines[at]
        if action in ("double", "move"):
            lines.insert(draw(st.integers(0, len(lines))), line)
        if action == "key":
            lines[at] = line.replace("e", draw(st.sampled_from("ax_.")), 1)
        if action == "value":
            lines[at] = f"{line.partition('=')[0]}= {draw(scraps)}"
        if action == "cut":
            lines[at] = line[: draw(st.integers(0, len(line)))]
    return "\n".join(lines)


def leaves(data: object, path: KeyPath = ()) -> list[KeyPath]:
    if isinstance(data, dict) and data:
        return [leaf for key, value in data.items() for leaf in leaves(value, (*path, key))]
    if isinstance(data, list) and data:
        return [leaf for n, value in enumerate(data) for leaf in leaves(value, (*path, n))]
    return [path]


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_is_refused_with_a_protocol_error_and_nothing_else(text: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        parse_trial(text)
    assert all("line" in fault.where and fault.remedy for fault in raised.value.faults)


@given(mutated_files())
@settings(max_examples=100, deadline=None)
def test_a_spoilt_file_is_a_trial_or_faults_each_with_its_line_and_remedy(text: str) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        trial = parse_trial(text)
    except ProtocolError as error:
        faults = error.faults
    else:
        assert compare_trials(trial, trial) == ()
    last = text.count("\n") + 1
    for fault in faults:
        number = int(fault.where.split(",")[0].removeprefix("line "))
        assert 1 <= number <= last
        assert fault.what
        assert fault.remedy


@given(mutated_files())
@settings(max_examples=50, deadline=None)
def test_every_value_of_any_toml_has_a_line(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = locate_lines(text)
    last = text.count("\n") + 1
    assert [leaf for leaf in leaves(data) if not 1 <= lines.get(leaf, 0) <= last] == []


@given(names, names)
@settings(max_examples=20, deadline=None)
def test_differences_are_the_same_seen_from_either_side(first: str, second: str) -> None:
    before, after = parse_trial(library_text(first)), parse_trial(library_text(second))
    there = compare_trials(before, after)
    back = compare_trials(after, before)
    assert {(d.key, d.before, d.after) for d in there} == {(d.key, d.after, d.before) for d in back}
    assert (there == ()) == (first == second)


@given(
    name=names,
    secret=st.binary(min_size=16, max_size=64),
    now=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    reason=st.text(min_size=1).filter(str.strip),
)
@settings(max_examples=10, deadline=None)
def test_what_is_registered_and_amended_is_read_back(
    name: str, secret: bytes, now: datetime, reason: str
) -> None:
    text = library_text(name)
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder)
        record = register_trial(text, folder=study, secret=secret, now=now)
        assert read_registration(study) == record
        assert record.protocol_sha256 == protocol_sha256(text)
        assert record.secret_commitment == commit_secret(secret)
        assert read_text_in_force(study) == text
        later = f"{text}\n# A remark.\n"
        amended = amend_trial(later, folder=study, now=now + timedelta(days=1), reason=reason)
        assert read_registration(study) == amended
        assert amended.amendments[0].reason == reason.strip()
        assert read_text_in_force(study) == later


@given(st.integers(-1200, 1200), st.sampled_from(["day", "week", "month", "year"]))
def test_a_span_is_read_as_it_is_written(count: int, unit: str) -> None:
    span = Span(count, unit)  # type: ignore[arg-type]
    if abs(span.approximate_days) <= 36525:
        assert parse_span(str(span)) == span
