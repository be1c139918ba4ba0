"""People who open their link, answer and finish: many at once, from a process of their own.

``python -m benchmarks.load PLAN`` reads a plan, does it, and prints what came of it. Every server
gets the same people: each has a connection and cookies of their own, follows what they are told to
follow, and sends their own answers.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

FORM = "application/x-www-form-urlencoded"
PATIENCE = 120.0
MOST_HOPS = 5
PACKED = b"\x1f\x8b"
BEGINNING = 4096
"""Of a page that comes packed, as much is looked at as says where its form goes."""
ACTION = re.compile(rb'\saction="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: their link, the forms they send one after the other, and when they begin."""

    link: str
    forms: Sequence[str]
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a plan: seconds in all, seconds of each person, and what went wrong."""

    seconds: float
    each: list[float] = field(repr=False)
    errors: list[str]

    @property
    def rate(self) -> float:
        """People who finished, per second."""
        return len(self.each) / self.seconds

    @property
    def median(self) -> float:
        """Seconds that the middle person waited in all."""
        return statistics.median(self.each)


class Browser:
    """One browser on one connection, which is opened again if the server had closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._action = "/"

    async def open(self, address: str) -> bytes:
        """Ask for a page, and for those it sends the browser on to."""
        return await self._follow(*await self._ask("GET", address, b""), address)

    async def send(self, form: str) -> bytes:
        """Send the form of the page that is open, where that page says."""
        answer = await self._ask("POST", self._action, form.encode())
        return await self._follow(*answer, self._action)

    async def _follow(self, status: int, to: str, body: bytes, address: str) -> bytes:
        for _ in range(MOST_HOPS):
            if status not in {301, 302, 303, 307}:
                break
            parts = urlsplit(urljoin(address, to))
            address = parts.path + (f"?{parts.query}" if parts.query else "")
            status, to, body = await self._ask("GET", address, b"")
        if status != 200:
            raise ValueError(f"answered with {status}")
        self._action = urljoin(address, _action_of(body))
        return body

    async def _ask(self, method: str, address: str, body: bytes) -> tuple[int, str, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        lines = [f"{method} {address} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        lines += ["Accept-Encoding: gzip"]
        lines += [f"Cookie: {cookies}"] if cookies else []
        if method == "POST":
            lines += [f"Content-Type: {FORM}", f"Content-Length: {len(body)}"]
            lines += [f"Origin: http://127.0.0.1:{self._port}"]
        sent = "\r\n".join([*lines, "", ""]).encode() + body
        for last in (False, True):
            try:
                return await self._exchange(sent)
            except (ConnectionError, asyncio.IncompleteReadError):
                # As browsers do when a connection that was kept turns out to be closed.
                self.close()
                if last:
                    raise
        raise AssertionError

    async def _exchange(self, sent: bytes) -> tuple[int, str, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(sent)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length, to, closes, chunked = self._read_head(head)
        body = await (self._chunks() if chunked else self._reader.readexactly(length))
        if body.startswith(PACKED):
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, BEGINNING)
        if closes:
            self.close()
        return status, to, body

    def _read_head(self, head: bytes) -> tuple[int, int, str, bool, bool]:
        lines = head.decode("latin-1").split("\r\n")
        length, to, closes, chunked = 0, "", False, False
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "location":
                    to = value
                case "connection":
                    closes = value.lower() == "close"
                case "transfer-encoding":
                    chunked = "chunked" in value
                case "set-cookie":
                    cookie, _, kept = value.partition(";")[0].partition("=")
                    self._cookies[cookie] = kept
        return int(lines[0].split()[1]), length, to, closes, chunked

    async def _chunks(self) -> bytes:
        assert self._reader is not None
        body = b""
        while True:
            size = int((await self._reader.readline()).split(b";")[0], 16)
            body += await self._reader.readexactly(size + 2)
            if size == 0:
                return body

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def _action_of(page: bytes) -> str:
    """Return where a page's form is to be sent, as it says there; empty for its own address."""
    start = page.find(b"<form")
    found = ACTION.search(page[start : page.find(b">", start)]) if start >= 0 else None
    return found[1].decode() if found else ""


async def _be(person: Person, port: int, thanks: bytes) -> float:
    started = time.perf_counter()
    browser = Browser(port)
    try:
        page = await browser.open(person.link)
        for form in person.forms:
            page = await browser.send(form)
        if thanks not in page:
            raise ValueError("the last page does not say thank you")
    finally:
        browser.close()
    return time.perf_counter() - started


async def _do(port: int, people: Sequence[Person], at_once: int, thanks: str) -> Outcome:
    each: list[float] = []
    errors: list[str] = []
    queue: Iterator[Person] = iter(people)
    started = time.perf_counter()

    async def work() -> None:
        for person in queue:
            wait = person.after - (time.perf_counter() - started)
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                async with asyncio.timeout(PATIENCE):
                    each.append(await _be(person, port, thanks.encode()))
            except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError) as error:
                errors.append(f"{type(error).__name__}: {error}")

    await asyncio.gather(*(work() for _ in range(at_once)))
    return Outcome(time.perf_counter() - started, each, errors)


def go_through(
    port: int, people: Sequence[Person], *, at_once: int, thanks: str = "Thank you"
) -> Outcome:
    """Have people go from their link to the thanks, so many at once; in a process of its own."""
    plan = {"port": port, "at_once": at_once, "thanks": thanks}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "plan.json"
        told = {**plan, "people": [asdict(one) for one in people]}
        path.write_text(json.dumps(told), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", str(path)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return Outcome(**json.loads(done.stdout))


def main() -> None:
    """Do the plan that is named, and print what came of it."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    people = [Person(**one) for one in plan.pop("people")]
    outcome = asyncio.run(_do(people=people, **plan))
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
