"""A document made ready for setting: every run looked up, every table and figure labelled.

The resolved document is plain JSON, and both the page and the PDF are set from it, so both say the
same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lighttouch.core.errors import Fault, ReportError
from lighttouch.core.reporting.checking import check_words
from lighttouch.core.reporting.document import (
    Block,
    Break,
    Callout,
    Document,
    Facts,
    Figure,
    Heading,
    Items,
    Name,
    Number,
    Paragraph,
    Run,
    Runs,
    Table,
    Words,
)
from lighttouch.core.reporting.numerals import find_value, format_number, split_pointer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Looks up runs in the tree of ``results.json``; faults gather in ``faults``."""

    tree: Json
    labels: dict[str, str]
    faults: list[Fault] = field(default_factory=list)

    def text(self, runs: Runs) -> str:
        """Return runs as plain text."""
        return "".join(part["text"] for part in self.runs(runs, ""))

    def runs(self, runs: Runs, where: str) -> list[Json]:
        """Return runs as text with style."""
        return [self._run(run, where) for run in runs]

    def lines(self, runs: Runs, where: str) -> list[list[Json]]:
        """Return the runs of a cell, line by line."""
        lines: list[list[Json]] = [[]]
        for run in runs:
            if isinstance(run, Break):
                lines.append([])
            else:
                lines[-1].append(self._run(run, where))
        return lines

    def _run(self, run: Run, where: str) -> Json:
        try:
            return self._look_up(run, where)
        except ReportError as error:
            self.faults.extend(Fault(f.what, f"{where}, {f.where}", f.remedy) for f in error.faults)
            return {"text": "", "style": ""}

    def _look_up(self, run: Run, where: str) -> Json:
        match run:
            case Words():
                fault = check_words(run.text, where)
                self.faults.extend([fault] if fault else [])
                return {"text": run.text, "style": run.style}
            case Number():
                return {"text": format_number(run, self.tree), "style": run.style}
            case Name():
                return {"text": _name_text(run, self.tree), "style": run.style}
            case Break():
                return {"text": " ", "style": ""}
        if run.id not in self.labels:
            raise ReportError("the report refers to something that is not there", where=run.id)
        return {"text": self.labels[run.id], "style": ""}


def _name_text(name: Name, tree: Json) -> str:
    value = find_value(tree, name.key)
    text = split_pointer(name.key)[-1] if name.of_key else value
    if not isinstance(text, str):
        raise ReportError("the report prints as a name what is not text", where=name.key)
    if name.spaced:
        text = text.replace("_", " ")
    small = name.inline and len(text) > 1 and text[1].islower()
    return text[0].lower() + text[1:] if small else text


def label_parts(document: Document) -> dict[str, str]:
    """Number the tables and figures in reading order."""
    labels = {table.id: f"Table {n}" for n, table in enumerate(document.tables, start=1)}
    labels |= {f.id: f"Figure {n}" for n, f in enumerate(document.figures, start=1)}
    if len(labels) < len(document.tables) + len(document.figures):
        raise ReportError("several tables or figures of the report have one identifier")
    return labels


def resolve_document(document: Document, tree: Json) -> Json:
    """Look up everything a document says.

    Parameters
    ----------
    document
        The report as a document.
    tree
        The parsed ``results.json``.

    Returns
    -------
    dict
        Plain JSON for the templates: ``title``, ``kind``, ``front`` and ``body``.

    Raises
    ------
    ReportError
        If words state a number, or a name or number is not in the results; every fault at once.
    """
    resolver = Resolver(tree, label_parts(document))
    resolved = {
        "title": resolver.runs(document.title, "title"),
        "kind": resolver.runs(document.kind, "title"),
        "front": _resolve_blocks(document.front, resolver, "title page"),
        "body": _resolve_blocks(document.body, resolver, "report"),
    }
    if resolver.faults:
        raise ReportError(resolver.faults)
    return resolved


def _resolve_blocks(blocks: tuple[Block, ...], resolver: Resolver, where: str) -> list[Json]:
    resolved = []
    for block in blocks:
        if isinstance(block, Heading):
            where = f"section {block.id}"
        resolved.append(_RESOLVERS[type(block)](block, resolver, where))
    return resolved


def _heading(block: Heading, resolver: Resolver, where: str) -> Json:
    runs = resolver.runs(block.text, where)
    return {"kind": "heading", "level": block.level, "id": block.id, "runs": runs}


def _paragraph(block: Paragraph, resolver: Resolver, where: str) -> Json:
    return {"kind": "paragraph", "lead": block.lead, "runs": resolver.runs(block.text, where)}


def _items(block: Items, resolver: Resolver, where: str) -> Json:
    return {"kind": "items", "items": [resolver.runs(item, where) for item in block.items]}


def _facts(block: Facts, resolver: Resolver, where: str) -> Json:
    pairs = [[resolver.runs(part, where) for part in pair] for pair in block.pairs]
    return {"kind": "facts", "pairs": pairs}


def _table(block: Table, resolver: Resolver, where: str) -> Json:
    where = f"{where}, table {block.id}"
    return {
        "kind": "table",
        "id": block.id,
        "label": resolver.labels[block.id],
        "caption": resolver.runs(block.caption, where),
        "dense": block.dense,
        "widths": list(block.widths),
        "columns": [
            {"lines": resolver.lines(column.head, where), "align": column.align}
            for column in block.columns
        ],
        "rows": [
            {"kind": row.kind, "cells": [resolver.lines(cell, where) for cell in row.cells]}
            for row in block.rows
        ],
        "notes": [resolver.runs(note, where) for note in block.notes],
    }


def _figure(block: Figure, resolver: Resolver, where: str) -> Json:
    where = f"{where}, figure {block.id}"
    return {
        "kind": "figure",
        "id": block.id,
        "label": resolver.labels[block.id],
        "caption": resolver.runs(block.caption, where),
        "alt": "".join(part["text"] for part in resolver.runs(block.alt, where)),
    }


def _callout(block: Callout, resolver: Resolver, where: str) -> Json:
    return {
        "kind": "callout",
        "tone": block.kind,
        "title": resolver.runs(block.title, where),
        "blocks": _resolve_blocks(block.blocks, resolver, where),
    }


_RESOLVERS: dict[type, Callable[[Any, Resolver, str], Json]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Items: _items,
    Facts: _facts,
    Table: _table,
    Figure: _figure,
    Callout: _callout,
}


def document_text(resolved: Json) -> str:
    """Return the text of a resolved document in the order a page prints it."""
    parts = [_text(resolved["kind"]), _text(resolved["title"])]
    parts.extend(_block_texts([*resolved["front"], *resolved["body"]]))
    return "\n".join(parts)


def _text(runs: list[Json]) -> str:
    return "".join(run["text"] for run in runs)


def _block_texts(blocks: list[Json]) -> Iterator[str]:
    for block in blocks:
        match block["kind"]:
            case "heading" | "paragraph":
                yield _text(block["runs"])
            case "items":
                yield from map(_text, block["items"])
            case "facts":
                yield from (_text(part) for pair in block["pairs"] for part in pair)
            case "callout":
                yield _text(block["title"])
                yield from _block_texts(block["blocks"])
            case "figure":
                yield f"{block['label']} {_text(block['caption'])}"
            case _:
                yield from _table_texts(block)


def _table_texts(table: Json) -> Iterator[str]:
    yield f"{table['label']} {_text(table['caption'])}"
    for cell in [column["lines"] for column in table["columns"]]:
        yield " ".join(map(_text, cell))
    for row in table["rows"]:
        yield from (" ".join(map(_text, cell)) for cell in row["cells"])
    yield from map(_text, table["notes"])
