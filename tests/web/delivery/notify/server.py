"""A server that speaks GOV.UK Notify's API, with bad days to order.

It checks tokens, bodies and addresses as Notify does, keeps what it accepted, and, like Notify,
does not mind a second message of the same reference: whoever sends twice is seen to.
"""

import base64
import binascii
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from notifications_python_client.authentication import decode_jwt_token, get_token_issuer
from notifications_python_client.errors import TokenError

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"letters-{SERVICE}-{SECRET}"
EMAIL_TEMPLATE = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
TEXT_TEMPLATE = "1d8b2c5e-7f4b-4a8e-9b52-6f0f4f1a6c01"
ASKS_FOR = {EMAIL_TEMPLATE: {"subject", "text"}, TEXT_TEMPLATE: {"text"}}
PATIENCE = 0.2
"""Seconds that tests wait for an answer."""
PLACES = {"email": "email_address", "sms": "phone_number"}


class Day(Enum):
    """What kind of day the server has when the next message comes."""

    GOOD = auto()
    BUSY = auto()
    BUSY_FOR_A_WHILE = auto()
    USED_UP = auto()
    BROKEN = auto()
    AWAY = auto()
    GATEWAY = auto()
    SLOW = auto()
    SLOW_AND_LOST = auto()
    DROPS_BEFORE_READING = auto()
    DROPS_AFTER_ACCEPTING = auto()
    TALKS_NONSENSE = auto()


@dataclass
class Notify:
    """What the server knows; ``days`` is used up one message at a time, good days after that."""

    days: deque[Day] = field(default_factory=deque)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    slowness: float = 1.0
    is_away: bool = False
    address: str = ""
    lock: Lock = field(default_factory=Lock)

    def next_day(self) -> Day:
        """Take the day of the message that came."""
        with self.lock:
            self.asked += 1
            return self.days.popleft() if self.days else Day.GOOD

    def accept(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Take a message."""
        kept = {"id": str(uuid4()), "reference": body.get("reference"), "type": kind, "body": body}
        with self.lock:
            self.accepted.append(kept)
        return kept

    def references(self) -> list[str]:
        """Return the references it accepted, in order, as often as it did."""
        with self.lock:
            return [one["reference"] for one in self.accepted]


@contextmanager
def running() -> Iterator[Notify]:
    """Serve on the loopback until the end of the block."""
    notify = Notify()
    handler = type("Handler", (_Handler,), {"notify": notify})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    notify.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield notify
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    notify: Notify

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep quiet."""

    def do_GET(self) -> None:
        if not self._is_known():
            return
        asked = parse_qs(urlsplit(self.path).query).get("reference", [""])[0]
        with self.notify.lock:
            found = [one for one in self.notify.accepted if one["reference"] == asked]
        rows = [
            {"id": one["id"], "reference": one["reference"], "status": one.get("status", "created")}
            for one in found
        ]
        if self.notify.is_away:
            self._refuse(503, "Exception", "Service unavailable")
            return
        self._answer(200, {"notifications": rows, "links": {"current": self.path}})

    def do_POST(self) -> None:
        day = self.notify.next_day()
        if day == Day.DROPS_BEFORE_READING:
            self._hang_up()
            return
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_known():
            return
        kind = self.path.rsplit("/", 1)[-1]
        body = json.loads(content)
        wrong = _fault_of(kind, body)
        if wrong:
            self._refuse(400, "ValidationError", wrong)
        else:
            self._have(day, kind, body)

    def _have(self, day: Day, kind: str, body: dict[str, Any]) -> None:
        if day in BAD:
            BAD[day](self)
            return
        if day == Day.SLOW_AND_LOST:
            time.sleep(self.notify.slowness)
            self._hang_up()
            return
        kept = self.notify.accept(kind, body)
        if day == Day.SLOW:
            time.sleep(self.notify.slowness)
        if day == Day.DROPS_AFTER_ACCEPTING:
            self._hang_up()
        elif day == Day.TALKS_NONSENSE:
            self._answer(201, ["<html>"])
        else:
            self._answer(201, {"id": kept["id"], "reference": kept["reference"]})

    def _is_known(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            if get_token_issuer(token) != SERVICE:
                self._refuse(403, "AuthError", "Invalid token: service not found")
                return False
            decode_jwt_token(token, SECRET)
        except TokenError as error:
            self._refuse(403, "AuthError", error.message)
            return False
        return True

    def _refuse(self, code: int, error: str, message: str, **headers: str) -> None:
        errors = [{"error": error, "message": message}]
        self._answer(code, {"status_code": code, "errors": errors}, **headers)

    def _answer(self, code: int, body: object, **headers: str) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


BAD: dict[Day, Callable[[_Handler], None]] = {
    Day.BUSY: lambda to: to._refuse(
        429,
        "RateLimitError",
        "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds",
    ),
    Day.BUSY_FOR_A_WHILE: lambda to: to._refuse(
        429, "RateLimitError", "Exceeded rate limit", Retry_After="17"
    ),
    Day.USED_UP: lambda to: to._refuse(
        429, "TooManyRequestsError", "Exceeded send limits (50) for today"
    ),
    Day.BROKEN: lambda to: to._refuse(500, "Exception", "Internal server error"),
    Day.AWAY: lambda to: to._refuse(503, "Exception", "Service unavailable"),
    Day.GATEWAY: lambda to: to._refuse(504, "Exception", "Gateway timeout"),
}


def _fault_of(kind: str, body: dict[str, Any]) -> str:
    """Return what Notify would say is wrong with a message."""
    if kind == "letter":
        return _fault_of_letter(body)
    asks = ASKS_FOR.get(body.get("template_id", ""))
    if asks is None:
        return "Template not found"
    missing = asks - set(body.get("personalisation", {}))
    if missing:
        return "Missing personalisation: " + ", ".join(sorted(missing))
    to = str(body.get(PLACES[kind], ""))
    if kind == "sms" and not to.lstrip("+").isdigit():
        return f"phone_number {to} Must not contain letters or symbols"
    if kind == "email" and "@" not in to:
        return f"email_address {to} Not a valid email address"
    stop = body.get("one_click_unsubscribe_url", "https://")
    return (
        "" if stop.startswith("https://") else "one_click_unsubscribe_url is not a valid https url"
    )


def _fault_of_letter(body: dict[str, Any]) -> str:
    try:
        content = base64.b64decode(body["content"], validate=True)
    except (KeyError, binascii.Error):
        return "Cannot decode letter content (invalid base64 encoding)"
    return "" if content.startswith(b"%PDF") else "Letter content is not a valid PDF"
