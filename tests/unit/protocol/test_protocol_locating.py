"""Every key of a TOML text is found on its own line."""

import tomllib

import pytest

from lighttouch.core.protocol.locating import Path, line_of, locate_lines

TEXT = '''# first line
title = "a # no comment"
quoted."dotted.key".'x' = 1

[table]
number = -1.5e3
when = 1979-05-27T07:32:00Z
long = """
[not.a.table]
key = 1 "" and \\""" more""""
literal = \'\'\'
[[nor.this]] ''\'\'\'
list = [
  1, # one
  [2,
   3],
  { a = { b = 1 }, c = "]" }, { a = 2 },
]
inline = { x.y = 1, z = [ { w = 1 } ] }

[[items]]
id = "first"

[items.sub]
deep = 1

[[items]]
id = "second"

[[items.more]]
n = 1

[[items.more]]
n = 2

[items.more.below]
o = 1
'''


def leaves(data: object, path: Path = ()) -> list[Path]:
    if isinstance(data, dict) and data:
        return [leaf for key, value in data.items() for leaf in leaves(value, (*path, key))]
    if isinstance(data, list) and data:
        return [leaf for n, value in enumerate(data) for leaf in leaves(value, (*path, n))]
    return [path]


LINES: dict[Path, int] = {
    ("title",): 2,
    ("quoted", "dotted.key", "x"): 3,
    ("table",): 5,
    ("table", "number"): 6,
    ("table", "when"): 7,
    ("table", "long"): 8,
    ("table", "literal"): 11,
    ("table", "list"): 13,
    ("table", "list", 0): 14,
    ("table", "list", 1): 15,
    ("table", "list", 1, 0): 15,
    ("table", "list", 1, 1): 16,
    ("table", "list", 2, "a", "b"): 17,
    ("table", "list", 2, "c"): 17,
    ("table", "list", 3, "a"): 17,
    ("table", "inline", "x", "y"): 19,
    ("table", "inline", "z", 0, "w"): 19,
    ("items", 0): 21,
    ("items", 0, "id"): 22,
    ("items", 0, "sub", "deep"): 25,
    ("items", 1, "id"): 28,
    ("items", 1, "more", 0, "n"): 31,
    ("items", 1, "more", 1, "n"): 34,
    ("items", 1, "more", 1, "below", "o"): 37,
}


@pytest.mark.parametrize("path", LINES)
def test_a_key_is_found_on_its_own_line(path: Path) -> None:
    assert locate_lines(TEXT)[path] == LINES[path]


def test_every_value_that_the_parser_reads_has_a_line() -> None:
    located = locate_lines(TEXT)
    assert [leaf for leaf in leaves(tomllib.loads(TEXT)) if leaf not in located] == []


def test_windows_line_endings_do_not_move_lines() -> None:
    assert locate_lines(TEXT.replace("\n", "\r\n")) == locate_lines(TEXT)


def test_a_missing_key_takes_the_line_of_what_should_hold_it() -> None:
    located = locate_lines(TEXT)
    assert line_of(located, ("items", 1, "more", 0, "missing")) == 30
    assert line_of(located, ("nothing",)) is None


def test_a_value_may_end_the_file_without_a_line_break() -> None:
    assert locate_lines("[a]\nb = 2020-01-01 07:00:00") == {("a",): 1, ("a", "b"): 2}
