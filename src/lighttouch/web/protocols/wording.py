"""The pre-registration text, taken apart so that a page can set it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of points."""

    paragraph: str = ""
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks under a heading; ``slug`` is fit for an address within the page."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Parts under a main heading."""

    title: str
    slug: str
    parts: tuple[Part, ...]


def read_sections(text: str) -> tuple[Section, ...]:
    r"""Take the core's pre-registration text apart by its headings.

    Examples
    --------
    >>> section, = read_sections("# T\n\n## Design plan\n\n### Arms\n\n- A\n- B\n")
    >>> section.title, section.parts[0].blocks[0].points
    ('Design plan', ('A', 'B'))
    """
    sections = []
    for chunk in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = chunk.partition("\n")
        parts = []
        for piece in re.split(r"^### ", rest, flags=re.MULTILINE)[1:]:
            name, _, body = piece.partition("\n")
            parts.append(Part(name.strip(), _read_blocks(body)))
        slug = re.sub(r"[^a-z]+", "-", title.strip().lower())
        sections.append(Section(title.strip(), slug, tuple(parts)))
    return tuple(sections)


def _read_blocks(body: str) -> tuple[Block, ...]:
    blocks = []
    for chunk in re.split(r"\n\s*\n", body.strip()):
        if not chunk:
            continue
        if chunk.startswith("- "):
            points = re.split(r"^- ", chunk, flags=re.MULTILINE)[1:]
            blocks.append(Block(points=tuple(" ".join(p.split()).replace("`", "") for p in points)))
        else:
            blocks.append(Block(" ".join(chunk.split())))
    return tuple(blocks)
