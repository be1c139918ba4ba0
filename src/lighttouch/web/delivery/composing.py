"""Write a message for one person, at the moment of sending.

The words are plain text with named fields; the HTML is the same paragraphs, so that both always
say the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from lighttouch.core.archive.layout import ROSTER
from lighttouch.core.archive.tabular import parse_table
from lighttouch.core.errors import Fault, InputError
from lighttouch.core.protocol.checks_messages import message_columns
from lighttouch.core.protocol.messages import (
    FROM_VAULT,
    TextSize,
    fill_words,
    measure_text,
    split_paragraphs,
)
from lighttouch.web.delivery.models import Delivery, Kind, Mailing, Route, Step
from lighttouch.web.delivery.scripts import Script, script_of
from lighttouch.web.delivery.tokens import opt_out_token
from lighttouch.web.delivery.transports.base import Channel, Message
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.enrolment.queries import find_roster
from lighttouch.web.partners.models import ContactRoute
from lighttouch.web.partners.queries import contact_route
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.storage.queries import read_bytes
from lighttouch.web.surveys.models import Link, Survey, Window
from lighttouch.web.surveys.queries import address_of
from lighttouch.web.ui.dates import say_date

MASK = "•" * 8
SOMEBODY = "[first name]"
LINK_LENGTH = 26
"""Characters of a private link after the site's own address."""
NO_MORE = "To get no more messages from us, open this page and press the button:"
STOP = "To stop: "
CENTRE, MANAGER = "The research team", "Your team manager"
FOR_MANAGER = "Sent by the research team for your team manager at {partner}."


LACKING = {
    Route.EMAIL: "no e-mail address is held: the partner can add it under Names and addresses",
    Route.TEXT: "no mobile number is held: the partner can add it under Names and addresses",
    Route.LETTER: "no whole address is held: the partner can add it under Names and addresses",
    Route.PACK: "the partner alone knows who this is",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A message's words, with everything filled in that is known.

    ``paragraphs`` are the words themselves, ``ending`` who writes and how to get no more.
    """

    channel: Channel
    subject: str
    paragraphs: tuple[str, ...]
    ending: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole as plain text."""
        gap = "\n" if self.channel is Channel.TEXT else "\n\n"
        return gap.join([*self.paragraphs, *self.ending])

    def body(self, *addresses: str) -> SafeString:
        """Return the paragraphs as HTML, with these addresses as links."""
        rows = [_lines(text, addresses) for text in (*self.paragraphs, *self.ending)]
        return format_html_join("\n", "<p>{}</p>", ((row,) for row in rows))


@dataclass(frozen=True, slots=True)
class Material:
    """All that the messages of one mailing rest on, read in a few queries.

    ``personal`` has what the roster knows of each participant, as far as the words name it;
    ``reply_to`` is the coordinator who agreed to the mailing.
    """

    script: Script
    partner: Partner
    survey: Survey | None
    window: Window | None
    links: Mapping[int, Link]
    personal: Mapping[int, Mapping[str, str]]
    reply_to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one person is reached, and what the vault calls them."""

    address: str | tuple[str, ...] = field(repr=False)
    first_name: str = field(default="", repr=False)


def gather(mailing: Mailing, people: Iterable[Participant]) -> Material:
    """Read what the messages of a mailing to these people rest on.

    Raises
    ------
    InputError
        If the trial file has no words for it any more.
    """
    listed, survey = list(people), mailing.step.survey
    script = script_of(mailing.step)
    windows = Window.objects.filter(survey=survey, partner=mailing.partner) if survey else []
    links = (
        Link.objects.filter(survey=survey, participant__in=listed, ended_at=None) if survey else []
    )
    writer = mailing.signed_off_by
    return Material(
        script=script,
        partner=mailing.partner,
        survey=survey,
        window=next(iter(windows), None),
        links={one.participant_id: one for one in links},
        personal=_personal(mailing.step.trial, script, listed),
        reply_to=writer.email if writer and script.signed == "manager" else "",
    )


def _personal(
    trial: Trial, script: Script, people: list[Participant]
) -> dict[int, Mapping[str, str]]:
    """Return what the roster knows of people, its file read only where the words name a column."""
    found: dict[int, dict[str, str]] = {
        one.pk: {"team": one.team, "building": one.building} for one in people
    }
    wanted = [name for name in message_columns(declared(trial)) if name in script.fields]
    roster = find_roster(trial) if wanted and people else None
    if roster is not None:
        table = parse_table(read_bytes(roster.file), where=ROSTER)
        codes = {f"{one.partner.code}/{one.staff_id}": one.pk for one in people}
        rows = table.filter(table["participant"].is_in(list(codes)))
        for row in rows.select("participant", *wanted).iter_rows(named=True):
            cells = {name: row[name] or "" for name in wanted}
            found[codes[row["participant"]]].update(cells)
    return {**found}


def check_words(survey: Survey) -> None:
    """See that every message of a survey is whole for every partner, before it is planned.

    Raises
    ------
    InputError
        With every message that asks for what the site does not know at a partner.
    """
    faults: list[Fault] = []
    for window in survey.windows.select_related("partner"):
        for kind in (Kind.INVITATION, Kind.REMINDER):
            step = Step(trial=survey.trial, survey=survey, kind=kind)
            faults += find_unknown(step, window.partner, script_of(step))
    if faults:
        raise InputError(faults)


def find_unknown(step: Step, partner: Partner, script: Script) -> list[Fault]:
    """Return a fault for everything a message names that the site does not know at a partner."""
    named = [name for name in script.fields if name in FROM_VAULT]
    if not named or contact_route(step.trial, partner) == ContactRoute.VAULT:
        return []
    return [
        Fault(
            f"the {name.replace('_', ' ')} is not known, for the partner keeps the names itself",
            f"{step.code} at {partner.code}",
            "Leave it out of the message, or agree that the site holds them",
        )
        for name in named
    ]


def fields_for(
    material: Material, link: str, personal: Mapping[str, str], first_name: str
) -> dict[str, str]:
    """Return what the words may name."""
    fields = {**personal, "partner": material.partner.name, "first_name": first_name}
    survey, window = material.survey, material.window
    if survey is not None and window is not None:
        fields |= {
            "closes": say_date(window.closes_on),
            "incentive": _incentive(survey),
            "link": link,
            "minutes": str(survey.minutes),
        }
    return fields


def _incentive(survey: Survey) -> str:
    """What the trial file offers for answering, as a sentence."""
    waves = declared(survey.trial).waves
    asked = next((wave.survey for wave in waves if wave.id == survey.wave), None)
    offered = asked.incentive.strip() if asked else ""
    return f"What is offered: {offered.rstrip('.')}." if offered else ""


def preview(
    material: Material, participant: Participant | None = None, mask: str = MASK
) -> Written:
    """Return the words as somebody gets them, with links masked and no name.

    What differs from person to person is named in brackets where no participant is given.
    """
    script = material.script
    personal: Mapping[str, str] = {name: f"[{name.replace('_', ' ')}]" for name in script.fields}
    if participant is not None:
        personal = material.personal[participant.pk]
    fields = fields_for(material, mask, personal, SOMEBODY)
    return _write(script, fields, mask, material.reply_to or "your coordinator’s address")


def measure(material: Material, participant: Participant | None = None) -> TextSize | None:
    """Return what a message costs with real links in it, if it is a text message."""
    mask = "x" * (len(settings.SITE_URL.rstrip("/")) + LINK_LENGTH)
    written = preview(material, participant, mask)
    return measure_text(written.text) if written.channel is Channel.TEXT else None


def compose(delivery: Delivery, material: Material, reach: Reach | None) -> Message:
    """Return the whole message, with its private link and the way to get no more.

    Raises
    ------
    InputError
        If the person cannot be reached, or something the words name is not known of them.
    """
    if reach is None:
        raise InputError(LACKING[Route(delivery.route)], where=delivery.step.code)
    address, stop = "", opt_out_address(delivery)
    if material.survey is not None:
        link = material.links.get(delivery.participant_id)
        if link is None:
            raise InputError("there is no link", where=delivery.step.code)
        address = settings.SITE_URL.rstrip("/") + address_of(link)
    personal = material.personal[delivery.participant_id]
    fields = fields_for(material, address, personal, reach.first_name)
    written = _write(material.script, fields, stop, material.reply_to)
    is_email = written.channel is Channel.EMAIL
    return Message(
        reference=str(delivery.reference),
        channel=written.channel,
        address=reach.address,
        subject=written.subject,
        text=written.text + ("\n" if is_email else ""),
        html=_page(written, address, stop) if is_email else "",
        unsubscribe=stop if is_email else "",
        reply_to=material.reply_to,
    )


def opt_out_address(delivery: Delivery) -> str:
    """Return where somebody says that they want no more."""
    path = reverse("delivery:opt-out", args=[opt_out_token(delivery.reference)])
    return settings.SITE_URL.rstrip("/") + path


def _write(script: Script, fields: Mapping[str, str], stop: str, reply_to: str) -> Written:
    channel = Channel(script.route.value)
    return Written(
        channel=channel,
        subject=fill_words(script.subject, fields),
        paragraphs=split_paragraphs(fill_words(script.text, fields)),
        ending=_ending(script, channel, fields["partner"], stop, reply_to),
    )


def _ending(
    script: Script, channel: Channel, partner: str, stop: str, reply_to: str
) -> tuple[str, ...]:
    """Say who writes, and how to get no more."""
    signed = MANAGER if script.signed == "manager" else CENTRE
    if channel is Channel.TEXT:
        return signed, f"{STOP}{stop}"
    if script.signed == "manager":
        sent = FOR_MANAGER.format(partner=partner)
        signed = f"{signed}\n{sent} Replies go to {reply_to}."
    return signed, f"{NO_MORE}\n{stop}"


def _page(written: Written, *addresses: str) -> str:
    return format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{}</title></head>\n'
        "<body>\n{}\n</body></html>\n",
        written.subject,
        written.body(*addresses),
    )


def _lines(text: str, addresses: Iterable[str]) -> SafeString:
    """Return a paragraph as HTML, its addresses as links and its lines kept."""
    html = escape(text).replace("\n", "<br>")
    for address in filter(None, addresses):
        shown = escape(address)
        html = html.replace(shown, f'<a href="{shown}">{shown}</a>')
    return mark_safe(html)  # noqa: S308 - every part of it was escaped above
