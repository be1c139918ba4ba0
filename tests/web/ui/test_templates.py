"""Every template of the platform: one frame, and nothing that a strict policy would stop."""

import re
from pathlib import Path

import pytest
from django.template import Engine

WEB = Path(__file__).parents[3] / "src" / "lighttouch" / "web"
TEMPLATES = sorted(path for path in WEB.rglob("templates/**/*.html"))
FRAMES = [
    # Staff who answer have no account, and see nothing of the rest of the site.
    WEB / "surveys" / "templates" / "surveys" / "answering" / "base.html",
    WEB / "ui" / "templates" / "ui" / "page.html",
]
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script\b(?![^>]*(\bsrc=|application/json))"),
    "a handler in an attribute": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "a script address": re.compile(r"javascript:"),
    "something of another host": re.compile(r"(src|action)=[\"']?(https?:)?//|<iframe\b"),
}
PARENT = re.compile(r"\{% extends \"([^\"]+)\" %\}")


def name(path: Path) -> str:
    return str(path.relative_to(WEB))


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    found = [name(p) for p in TEMPLATES if FORBIDDEN[what].search(p.read_text(encoding="utf-8"))]
    assert found == []


def test_every_page_extends_the_frame_of_the_site_or_of_those_who_answer() -> None:
    whole = [
        p for p in TEMPLATES if re.search(r"<html|<body|<head>", p.read_text(encoding="utf-8"))
    ]
    assert [name(p) for p in whole] == [name(p) for p in FRAMES]
    loose = [
        name(p)
        for p in TEMPLATES
        if p not in FRAMES
        and "{% block main %}" in p.read_text(encoding="utf-8")
        and not p.read_text(encoding="utf-8").startswith("{% extends ")
    ]
    assert loose == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_can_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert Engine.get_default().from_string(text).source == text


def test_every_page_says_its_own_title() -> None:
    by_name = {str(path).rpartition("/templates/")[2]: path for path in TEMPLATES}

    def has_title(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        parent = PARENT.match(text)
        if "{% block title %}" in text or parent is None:
            return True
        return by_name[parent[1]] not in FRAMES and has_title(by_name[parent[1]])

    pages = [path for path in TEMPLATES if not path.name.startswith("_")]
    assert [name(path) for path in pages if not has_title(path)] == []
