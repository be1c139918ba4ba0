"""Write a message for one person, at the moment of sending.

The words are plain text with named fields; the HTML is the same paragraphs, so that both always
say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lighttouch.core.errors import Fault, InputError
from lighttouch.web.delivery.models import Delivery, Kind
from lighttouch.web.delivery.tokens import opt_out_token
from lighttouch.web.delivery.transports.base import Channel, Message
from lighttouch.web.protocols.queries import declared
from lighttouch.web.surveys.models import Link, Survey, Window
from lighttouch.web.surveys.queries import address_of
from lighttouch.web.ui.dates import say_date

HERE = Path(__file__).parent / "messages"
MASK = "•" * 8
NO_MORE = "To get no more messages from us, open this page and press the button:"
FIELDS = ("closes", "incentive", "link", "minutes", "partner")


@dataclass(frozen=True, slots=True)
class Written:
    """A message's words."""

    subject: str
    paragraphs: tuple[str, ...]


@cache
def _words(kind: str) -> str:
    return (HERE / f"{kind}.txt").read_text(encoding="utf-8")


def fill(kind: str, fields: Mapping[str, str]) -> Written:
    """Put what is known into the words; a paragraph left empty is left out.

    Raises
    ------
    InputError
        If the words ask for something nobody gives.
    """
    try:
        text = Template(_words(kind)).substitute(fields)
    except (KeyError, ValueError):
        raise InputError(
            "the message asks for something that is not known",
            where=kind,
            remedy=f"Use only these fields: {', '.join(FIELDS)}",
        ) from None
    subject, _, body = text.partition("\n")
    paragraphs = tuple(part.strip() for part in body.split("\n\n") if part.strip())
    return Written(subject.strip(), paragraphs)


def check_words(survey: Survey) -> None:
    """See that every message of a survey is whole for every partner, before it is planned.

    Raises
    ------
    InputError
        With every message that would go out without its link or its last day.
    """
    faults: list[Fault] = []
    for window in survey.windows.select_related("partner"):
        for kind in Kind.values:
            written = fill(kind, fields_for(survey, window, MASK))
            if MASK not in written.paragraphs or say_date(window.closes_on) not in written.subject:
                where = f"{kind} at {window.partner.code}"
                faults.append(Fault("the message has no link or no last day", where))
    if faults:
        raise InputError(faults)


def fields_for(survey: Survey, window: Window, link: str) -> dict[str, str]:
    """Return what the words may name."""
    return {
        "closes": say_date(window.closes_on),
        "incentive": _incentive(survey),
        "link": link,
        "minutes": str(survey.minutes),
        "partner": window.partner.name,
    }


def _incentive(survey: Survey) -> str:
    """What the trial file offers for answering, as a sentence."""
    waves = declared(survey.trial).waves
    asked = next((wave.survey for wave in waves if wave.id == survey.wave), None)
    offered = asked.incentive.strip() if asked else ""
    return f"What is offered: {offered.rstrip('.')}." if offered else ""


def preview(delivery: Delivery, window: Window) -> Written:
    """Return the words as one participant gets them, with the link masked."""
    survey = delivery.step.survey
    return fill(delivery.step.kind, fields_for(survey, window, MASK))


def compose(delivery: Delivery, window: Window, link: Link, email: str) -> Message:
    """Return the whole message, with its private link and the way to get no more."""
    address = settings.SITE_URL.rstrip("/") + address_of(link)
    stop = opt_out_address(delivery)
    written = fill(delivery.step.kind, fields_for(delivery.step.survey, window, address))
    text = "\n\n".join([*written.paragraphs, f"{NO_MORE}\n{stop}"]) + "\n"
    return Message(
        reference=str(delivery.reference),
        channel=Channel.EMAIL,
        address=email,
        subject=written.subject,
        text=text,
        html=_html(written, address, stop),
        unsubscribe=stop,
    )


def opt_out_address(delivery: Delivery) -> str:
    """Return where somebody says that they want no more."""
    path = reverse("delivery:opt-out", args=[opt_out_token(delivery.reference)])
    return settings.SITE_URL.rstrip("/") + path


def _html(written: Written, address: str, stop: str) -> str:
    rows = [
        _anchor(address, address) if text == address else format_html("{}", text)
        for text in written.paragraphs
    ]
    rows.append(format_html("{}<br>{}", NO_MORE, _anchor(stop, stop)))
    body = format_html_join("\n", "<p>{}</p>", ((row,) for row in rows))
    return format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{}</title></head>\n'
        "<body>\n{}\n</body></html>\n",
        written.subject,
        body,
    )


def _anchor(address: str, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, words)
