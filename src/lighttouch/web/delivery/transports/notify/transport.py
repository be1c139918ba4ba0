"""Handing messages to Notify, and telling apart what it took, refused, and may have taken."""

import io
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import cast

import requests
from notifications_python_client.errors import APIError, HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)

from lighttouch.core.errors import LighttouchError
from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.delivery.transports.notify.pacing import Paced
from lighttouch.web.delivery.transports.notify.receipts import Sighting, clearest, read_sightings

ADDRESS = "https://api.notifications.service.gov.uk"
PATIENCE = 30
"""Seconds to wait for an answer."""
BUSY = timedelta(minutes=1)
"""How long Notify's limit of messages a minute lasts."""
USED_UP = timedelta(hours=1)
"""When to ask again after the day's limit was used up."""
NO_ANSWER = "GOV.UK Notify did not answer; it may have taken the message"
GATEWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""Said by what stands before Notify: Notify itself may have gone on and taken the message."""
REASONS = (
    ("team-only", "the key of the partner's Notify service is for its own team only"),
    ("trial mode", "the partner's Notify service is still in trial mode"),
    ("template", "the partner's Notify service does not have the template"),
    ("personalisation", "the template at Notify asks for something other than subject and text"),
    ("email address", "Notify says that this is not an e-mail address"),
    ("email_address", "Notify says that this is not an e-mail address"),
    ("phone", "Notify says that this is not a telephone number it can send to"),
    ("clock", "this server's clock is wrong"),
    ("token", "Notify does not know the key of the partner's service"),
    ("api key", "Notify does not know the key of the partner's service"),
    ("cannot send", "the partner's Notify service may not send by this channel"),
)

# The client warns in the service's own words, which may repeat an address.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Templates:
    """Notify's identifiers of the partner's templates; empty where it has none."""

    email: str = ""
    text: str = ""


class NotifyTransport:
    """One partner's Notify service.

    Parameters
    ----------
    key
        The service's key, as Notify shows it.
    templates
        Which templates to send with.
    pace
        Shared by everything that sends with this key.
    set_letter
        Makes the PDF of a letter; without it, there is no channel for letters.
    clock, sleep
        The clock that turns are counted on, and how to wait for one.
    """

    name = "notify"

    def __init__(
        self,
        key: str,
        templates: Templates,
        *,
        pace: Paced,
        set_letter: Callable[[Message], bytes] | None = None,
        address: str = ADDRESS,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = NotificationsAPIClient(key, base_url=address, timeout=patience)
        self._templates = templates
        self._pace = pace
        self._set_letter = set_letter
        self._clock = clock
        self._sleep = sleep
        self._turn: float | None = None
        offered = {
            Channel.EMAIL: bool(templates.email),
            Channel.TEXT: bool(templates.text),
            Channel.LETTER: set_letter is not None,
        }
        self.channels = frozenset(channel for channel, has in offered.items() if has)

    def send(self, message: Message) -> Outcome:
        """Hand one message over; where the answer was lost, ask Notify whether it has it."""
        if message.channel not in self.channels:
            return Outcome(Result.REFUSED, "the partner's Notify service has no such template")
        try:
            hand_over = self._prepare(message)
        except (TypeError, ValueError, LighttouchError):
            return Outcome(Result.REFUSED, "the message cannot be written for Notify")
        self._wait_for_turn()
        outcome = _attempt(hand_over)
        return self.look_up(message.reference) if outcome.result == Result.UNKNOWN else outcome

    def look_up(self, reference: str) -> Outcome:
        """Say whether Notify has a message of this reference; unknown unless it says so."""
        found = self._ask(reference)
        if not found:
            return Outcome(Result.UNKNOWN, NO_ANSWER)
        return Outcome(Result.ACCEPTED, provider_id=clearest(found).provider_id)

    def ask(self, reference: str) -> list[Sighting] | None:
        """Return what Notify has of a reference, or ``None`` if it did not answer."""
        self._wait_for_turn()
        return self._ask(reference)

    def take_turn(self) -> None:
        """Take the next turn of the key, in the thread that may use the database."""
        now = self._clock()
        self._turn = now + self._pace.take(now)

    def _wait_for_turn(self) -> None:
        if self._turn is None:
            self.take_turn()
        turn, self._turn = self._turn or 0.0, None
        if (wait := turn - self._clock()) > 0:
            self._sleep(wait)

    def _ask(self, reference: str) -> list[Sighting] | None:
        try:
            answer: object = self._client.get_all_notifications(reference=reference)
        except (APIError, requests.RequestException):
            return None
        return read_sightings(answer, reference)

    def close(self) -> None:
        """Hang up."""
        self._client.request_session.close()

    def _prepare(self, message: Message) -> Callable[[], object]:
        """Return the request, all but sent."""
        if message.channel == Channel.LETTER:
            pdf = self._set_letter(message) if self._set_letter else b""
            return lambda: self._client.send_precompiled_letter_notification(
                message.reference, io.BytesIO(pdf)
            )
        if not isinstance(message.address, str):
            raise TypeError("an e-mail or a text goes to one address")
        if message.channel == Channel.TEXT:
            return lambda: self._client.send_sms_notification(
                message.address, self._templates.text, {"text": message.text}, message.reference
            )
        # Notify takes no other; the text itself says how to get no more
        stop = message.unsubscribe if message.unsubscribe.startswith("https://") else None
        return lambda: self._client.send_email_notification(
            message.address,
            self._templates.email,
            {"subject": message.subject, "text": message.text},
            message.reference,
            one_click_unsubscribe_url=stop,
        )


def _attempt(hand_over: Callable[[], object]) -> Outcome:
    try:
        return _accepted(hand_over())
    except HTTPError as error:
        if error.response is None:
            return _without_answer(error.__cause__)
        return _read_error(error.response)
    except (APIError, requests.RequestException):
        return Outcome(Result.UNKNOWN, NO_ANSWER)


def _accepted(answer: object) -> Outcome:
    given = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(given, str) or not given:
        return Outcome(Result.UNKNOWN, NO_ANSWER)
    return Outcome(Result.ACCEPTED, provider_id=given)


def _without_answer(cause: BaseException | None) -> Outcome:
    """Tell a connection that was never made from one that broke after the request left."""
    inner = cause.args[0] if cause is not None and cause.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    refused = isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError)
    stranger = isinstance(reason, SSLError) and _has_false_certificate(reason)
    if refused or stranger:
        return Outcome(Result.LATER, "GOV.UK Notify cannot be reached")
    return Outcome(Result.UNKNOWN, NO_ANSWER)


def _has_false_certificate(error: SSLError) -> bool:
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in error.args)


def _read_error(response: requests.Response) -> Outcome:
    code = response.status_code
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        return _busy(response)
    if code in GATEWAY:
        return Outcome(Result.UNKNOWN, NO_ANSWER)
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome(Result.LATER, "GOV.UK Notify is in trouble")
    said = _words_of(response).lower()
    for sign, reason in REASONS:
        if sign in said:
            return Outcome(Result.REFUSED, reason)
    return Outcome(Result.REFUSED, f"GOV.UK Notify refuses the message (status {code})")


def _busy(response: requests.Response) -> Outcome:
    if "for today" in _words_of(response).lower():
        return Outcome(
            Result.LATER, "the day's limit of the partner's Notify service is used up", wait=USED_UP
        )
    asked = response.headers.get("Retry-After", "")
    wait = timedelta(seconds=int(asked)) if asked.isascii() and asked.isdigit() else BUSY
    return Outcome(Result.LATER, "GOV.UK Notify is busy", wait=min(wait, USED_UP))


def _words_of(response: requests.Response) -> str:
    """Return what Notify says was wrong, to be compared and never passed on."""
    try:
        body = cast("object", response.json())
    except ValueError:
        return ""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    found = [one for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []
    return " ".join(str(one.get("message", "")) for one in found)
