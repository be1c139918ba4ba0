"""Where in a TOML text each key stands, so that a fault can name its line."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the file, e.g. ``("waves", 0, "survey", "opens")``."""

_TOKEN = re.compile(
    r"""
    (?P<newline>\n)
  | (?P<skip>[ \t]+|\#[^\n]*)
  | (?P<string>
        \"\"\"(?:\\.|"{1,2}(?!")|[^"\\])*"{3,5}
      | '''(?:'{1,2}(?!')|[^'])*'{3,5}
      | "(?:\\.|[^"\\\n])*"
      | '[^'\n]*'
    )
  | (?P<mark>[\[\]{},=.])
  | (?P<bare>[^\s\[\]{},=.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def locate_lines(text: str) -> Mapping[Path, int]:
    r"""Return the line (from 1) of every key, table and list element of a valid TOML text.

    Parameters
    ----------
    text
        A text that :mod:`tomllib` accepts; line endings may be of either kind.

    Examples
    --------
    >>> lines = locate_lines("a = 1\n[b]\nc = [\n  {d = 2},\n]\n")
    >>> lines[("a",)], lines[("b",)], lines[("b", "c", 0, "d")]
    (1, 2, 4)
    """
    scanner = _Scanner(_split_tokens(text.replace("\r\n", "\n")))
    scanner.scan()
    return scanner.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a path, or of the nearest enclosing part; ``None`` at the top.

    Examples
    --------
    >>> line_of({("b",): 2}, ("b", "missing"))
    2
    """
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _split_tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "skip":
            tokens.append(_Token(kind, match[0], line))
        line += match[0].count("\n")
    return tokens


class _Scanner:
    """Walks the tokens of a valid TOML text once, noting the line of each path."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.lines: dict[Path, int] = {}
        self._table: Path = ()
        self._lengths: dict[Path, int] = {}

    def scan(self) -> None:
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token.kind == "newline":
                self.position += 1
            elif token.text == "[":
                self._scan_header(token.line)
            else:
                self._scan_pair(self._table)

    def _scan_header(self, line: int) -> None:
        is_list = self._text_at(self.position + 1) == "["
        self.position += 2 if is_list else 1
        keys = self._scan_key()
        self.position += 2 if is_list else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._last_element((*path, key))
        path = (*path, keys[-1])
        self.lines.setdefault(path, line)
        if is_list:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path = (*path, index)
            self.lines[path] = line
        self._table = path

    def _last_element(self, path: Path) -> Path:
        """Descend into the latest element, where the path is an array of tables."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _scan_pair(self, table: Path) -> None:
        line = self.tokens[self.position].line
        path = table
        for key in self._scan_key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.position += 1
        self._scan_value(path)

    def _scan_key(self) -> list[str]:
        keys: list[str] = []
        while True:
            keys.append(_unquote(self.tokens[self.position]))
            self.position += 1
            if self._text_at(self.position) != ".":
                return keys
            self.position += 1

    def _scan_value(self, path: Path) -> None:
        opening = self._text_at(self.position)
        if opening == "[":
            self._scan_list(path)
        elif opening == "{":
            self._scan_inline_table(path)
        else:
            self._skip_scalar()

    def _scan_list(self, path: Path) -> None:
        self.position += 1
        index = 0
        while self._text_at(self.position) != "]":
            token = self.tokens[self.position]
            if token.kind == "newline" or token.text == ",":
                self.position += 1
                continue
            element = (*path, index)
            self.lines[element] = token.line
            self._scan_value(element)
            index += 1
        self.position += 1

    def _scan_inline_table(self, path: Path) -> None:
        self.position += 1
        while self._text_at(self.position) != "}":
            if self._text_at(self.position) == ",":
                self.position += 1
                continue
            self._scan_pair(path)
        self.position += 1

    def _skip_scalar(self) -> None:
        """Pass a string, number, date or boolean; dates and floats span several tokens."""
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token.kind == "newline" or token.text in ("]", "}", ","):
                return
            self.position += 1

    def _text_at(self, position: int) -> str:
        return self.tokens[position].text if position < len(self.tokens) else ""


def _unquote(token: _Token) -> str:
    """Return a key as TOML reads it."""
    if token.kind != "string":
        return token.text
    return str(tomllib.loads(f"k = {token.text}")["k"])
