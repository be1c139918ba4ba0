"""What is in a pack: each person's message, written when it is asked for and kept nowhere."""

import hashlib
from dataclasses import dataclass, field

from lighttouch.core.errors import InputError
from lighttouch.web.contacts.opening import open_contacts
from lighttouch.web.contacts.reading import Person
from lighttouch.web.delivery.addressing import find_address
from lighttouch.web.delivery.composing import opt_out_address
from lighttouch.web.delivery.models import Delivery
from lighttouch.web.delivery.packs.models import Pack, PackKind
from lighttouch.web.delivery.transports.base import Channel, Message
from lighttouch.web.delivery.transports.merge_pack import Row, write_csv, write_xlsx
from lighttouch.web.delivery.transports.print import Letter, letter_of, set_letters
from lighttouch.web.delivery.wording import Material, gather, link_of, write


@dataclass(frozen=True, slots=True)
class Written:
    """One delivery of a pack, written out."""

    delivery: Delivery
    message: Message = field(repr=False)
    link: str = field(repr=False)

    @property
    def code(self) -> str:
        """Whose it is."""
        return self.delivery.participant.staff_id


def deliveries_of(pack: Pack) -> list[Delivery]:
    """Return a pack's deliveries in the order of their codes."""
    return list(
        Delivery.objects.filter(mailing=pack.mailing_id, claim=pack.claim)
        .select_related("participant", "mailing__partner", "step__survey__trial__programme")
        .order_by("participant__staff_id", "pk")
    )


def write_all(pack: Pack) -> list[Written]:
    """Write each message of a pack; whoever's link ended meanwhile is left out."""
    rows = deliveries_of(pack)
    letters = pack.kind == PackKind.LETTERS
    channel = Channel.LETTER if letters else Channel.EMAIL
    material = gather(pack.mailing, [one.participant for one in rows])
    people = people_of(pack, rows)
    found: list[Written] = []
    for row in rows:
        person = people.get(row.participant.staff_id)
        address = find_address(person, channel) if letters else ""
        if address is None or lacks_link(row, material):
            continue
        message = write(row, material, address, channel)
        found.append(Written(row, message, link_of(row, material)))
    return found


def lacks_link(delivery: Delivery, material: Material) -> bool:
    """Say whether a message of a survey has no link to give."""
    return delivery.step.survey_id is not None and delivery.participant_id not in material.links


def people_of(pack: Pack, rows: list[Delivery]) -> dict[str, Person]:
    """Open the addresses that letters need; a merge pack needs none, and none are opened."""
    if pack.kind != PackKind.LETTERS:
        return {}
    where = pack.mailing.step.trial.slug, pack.mailing.partner.code
    return open_contacts(*where, [one.participant.staff_id for one in rows])


def as_rows(written: list[Written]) -> list[Row]:
    """Return messages as rows of a spreadsheet."""
    return [
        Row(
            one.code,
            one.message.subject,
            one.link,
            one.message.text,
            opt_out_address(one.delivery),
        )
        for one in written
    ]


def as_table(written: list[Written]) -> bytes:
    """Return messages as comma-separated text."""
    return write_csv(as_rows(written))


def as_letters(written: list[Written]) -> list[Letter]:
    """Return messages as letters; the code at the foot tells which one was spoilt."""
    letters = [letter_of(one.message) for one in written]
    return [
        Letter(one.code, letter.lines, letter.subject, letter.paragraphs)
        for one, letter in zip(written, letters, strict=True)
    ]


def build(pack: Pack, form: str, codes: frozenset[str] = frozenset()) -> bytes:
    """Return a pack as ``csv``, ``xlsx`` or ``pdf``; with codes, only the letters of these.

    Raises
    ------
    InputError
        If a letter cannot be printed, or a code is not in the pack.
    """
    written = write_all(pack)
    if codes:
        check_codes(codes, frozenset(one.code for one in written))
        written = [one for one in written if one.code in codes]
    if pack.kind == PackKind.LETTERS:
        return set_letters(as_letters(written))
    return write_xlsx(as_rows(written)) if form == "xlsx" else as_table(written)


def check_codes(codes: frozenset[str], known: frozenset[str]) -> None:
    """Refuse codes that are not in a pack; how many, and not which.

    Raises
    ------
    InputError
        If there are any.
    """
    strange = len(codes - known)
    if strange:
        raise InputError(
            f"{strange} of these codes {'is' if strange == 1 else 'are'} not in this pack",
            remedy="Give the codes as they stand in the pack, one to a line",
        )


def seal_of(content: bytes) -> str:
    """Return what tells whether a pack is the same as when it was first made."""
    return hashlib.sha256(content).hexdigest()
