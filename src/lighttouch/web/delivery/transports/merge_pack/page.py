"""The offline page that joins a pack to a partner's own list of names."""

import base64
import hashlib
from functools import cache
from importlib.resources import files


@cache
def write_page() -> bytes:
    """Return the page: one file, whose policy allows its own script and style and nothing else."""
    style, script = _read("join.css"), _read("join.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _read("join.html")
    for name, content in (("policy", policy), ("style", style), ("script", script)):
        page = page.replace(f"[[{name}]]", content)
    return page.encode()


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
