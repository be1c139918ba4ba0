"""Find every address, ask for it as somebody, and say how that went."""

import copy
import importlib
import logging
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.web.access
from tests.web.cast import Cast

WHERE = {"programme": "programme", "trial": "letters", "partner": "dudley", "wave": "baseline"}
MADE_UP: dict[str, object] = {
    "IntConverter": 1,
    "StringConverter": "abcdefghijklmnopqrstuv",
    "SlugConverter": "abc",
    "UUIDConverter": UUID(int=1),
    "PathConverter": "abc",
}


@dataclass(frozen=True, slots=True)
class Address:
    """One URL pattern: its whole name, the arguments it takes, and its view."""

    name: str
    converters: Mapping[str, str]
    view: Any

    def url(self, given: Mapping[str, object]) -> str:
        """Fill in the arguments."""
        values = {
            key: given.get(key, WHERE.get(key, MADE_UP[kind]))
            for key, kind in self.converters.items()
        }
        return reverse(self.name, kwargs=values)


def every_address() -> list[Address]:
    """Return every address the site answers."""
    return list(_walk(get_resolver().url_patterns, "", {}))


def _walk(
    patterns: list[URLPattern | URLResolver], space: str, outer: Mapping[str, str]
) -> Iterator[Address]:
    for pattern in patterns:
        converters = {
            **outer,
            **{k: type(v).__name__ for k, v in pattern.pattern.converters.items()},
        }
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner, converters)
        else:
            name = pattern.name or f"without a name, {pattern.pattern}"
            yield Address(f"{space}{name}", converters, pattern.callback)


def tables() -> list[ModuleType]:
    """Return the modules that declare who may open what."""
    path = list(tests.web.access.__path__)
    found = [
        importlib.import_module(f"tests.web.access.{one.name}")
        for one in pkgutil.iter_modules(path)
    ]
    return [module for module in found if hasattr(module, "ACCESS")]


def declared() -> dict[str, frozenset[str]]:
    """Return who may open what, of every stage together."""
    merged: dict[str, frozenset[str]] = {}
    for module in tables():
        for name, keys in module.ACCESS.items():
            assert name not in merged, f"{name} is declared twice"
            merged[name] = keys
    return merged


def prepared(cast: Cast) -> dict[str, Mapping[str, object]]:
    """Make the objects that addresses point at; return the arguments by URL name."""
    arguments: dict[str, Mapping[str, object]] = {}
    for module in tables():
        if hasattr(module, "prepare"):
            arguments |= module.prepare(cast)
    return arguments


@contextmanager
def unlogged() -> Iterator[None]:
    """Write no log meanwhile: a walk makes thousands of lines that nobody reads."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def ask(client: Client, method: str, url: str) -> str:
    """Ask for an address and undo what that did.

    Returns
    -------
    str
        ``let in``, ``turned away``, ``to sign in``, ``not found``, ``no such method``, ``failed``.
    """
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = getattr(client, method)(url)
        transaction.set_rollback(True)
    client.cookies = cookies
    status = answer.status_code
    if status in (301, 302) and answer["Location"].startswith(f"{reverse(settings.LOGIN_URL)}?"):
        return "to sign in"
    if status >= 500:
        return "failed"
    return {403: "turned away", 404: "not found", 405: "no such method"}.get(status, "let in")
