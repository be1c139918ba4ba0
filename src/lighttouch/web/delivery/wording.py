"""A delivery's message, by whatever route it goes: the one place that asks for its words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.conf import settings

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.composing import compose, fields_for, fill, opt_out_address
from lighttouch.web.delivery.composing import preview as compose_preview
from lighttouch.web.delivery.models import Delivery, Mailing
from lighttouch.web.delivery.transports.base import Channel, Message
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.surveys.models import Link, Window
from lighttouch.web.surveys.queries import address_of


@dataclass(frozen=True, slots=True)
class Material:
    """What the messages of one mailing rest on, read in a few queries."""

    window: Window | None
    links: Mapping[int, Link]


def gather(mailing: Mailing, people: Iterable[Participant]) -> Material:
    """Read what the messages of a mailing to these people rest on."""
    survey = mailing.step.survey_id
    windows = Window.objects.filter(survey=survey, partner=mailing.partner_id)
    links = Link.objects.filter(
        survey=survey, participant__in=[one.pk for one in people], ended_at=None
    )
    return Material(
        window=windows.select_related("partner").first(),
        links={one.participant_id: one for one in links},
    )


def write(
    delivery: Delivery, material: Material, address: str | tuple[str, ...], channel: Channel
) -> Message:
    """Return a delivery's message for one person, as a channel carries it.

    A letter says the same as the e-mail. A text is short, with the same link and the same way to
    get no more.

    Raises
    ------
    InputError
        If there is no link for this person.
    """
    link, window = material.links.get(delivery.participant_id), material.window
    if link is None or window is None:
        raise InputError("there is no link", where=delivery.step.code)
    email = replace(compose(delivery, window, link, ""), address=address)
    if channel is Channel.EMAIL:
        return email
    text = _short(delivery, window, link) if channel is Channel.TEXT else email.text
    return replace(email, channel=channel, text=text, html="", unsubscribe="")


def link_of(delivery: Delivery, material: Material) -> str:
    """Return the whole address of somebody's private link; nothing where there is none."""
    link = material.links.get(delivery.participant_id)
    return settings.SITE_URL.rstrip("/") + address_of(link) if link else ""


def _short(delivery: Delivery, window: Window, link: Link) -> str:
    address = settings.SITE_URL.rstrip("/") + address_of(link)
    written = fill(delivery.step.kind, fields_for(delivery.step.survey, window, address))
    return f"{written.subject}\n{address}\nTo get no more: {opt_out_address(delivery)}"


def preview(delivery: Delivery, material: Material) -> tuple[str, tuple[str, ...]] | None:
    """Return subject and paragraphs as one participant gets them, with the link masked."""
    if material.window is None:
        return None
    written = compose_preview(delivery, material.window)
    return written.subject, written.paragraphs
