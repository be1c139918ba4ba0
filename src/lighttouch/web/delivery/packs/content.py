"""What is in a pack: each person's message, written when it is asked for and kept nowhere."""

import hashlib
from dataclasses import dataclass, field

from django.conf import settings

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.composing import Material, Reach, compose, gather, opt_out_address
from lighttouch.web.delivery.models import Delivery, Mailing
from lighttouch.web.delivery.packs.models import Pack, PackKind
from lighttouch.web.delivery.reaching import reach_people
from lighttouch.web.delivery.transports.base import Message
from lighttouch.web.delivery.transports.merge_pack import Row, write_csv, write_xlsx
from lighttouch.web.delivery.transports.print import Letter, letter_of, set_letters
from lighttouch.web.surveys.queries import address_of


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
        .select_related(
            "participant__partner", "mailing__partner", "step__trial", "step__survey__trial"
        )
        .order_by("participant__staff_id", "pk")
    )


def write_all(pack: Pack) -> list[Written]:
    """Write each message of a pack; whoever's link ended meanwhile is left out."""
    rows = deliveries_of(pack)
    material = gather(pack.mailing, [one.participant for one in rows])
    reaches = reaches_of(pack.mailing, PackKind(pack.kind), rows)
    found: list[Written] = []
    for row in rows:
        reach = reaches.get(row.pk)
        if reach is not None and not lacks_link(row, material):
            message = compose(row, material, reach)
            found.append(Written(row, message, _link_of(row, material)))
    return found


def reaches_of(mailing: Mailing, kind: PackKind, rows: list[Delivery]) -> dict[int, Reach]:
    """Open the addresses that letters need; a merge pack needs none, and none are opened."""
    if kind is PackKind.MERGE:
        return {one.pk: Reach("") for one in rows}
    return reach_people(mailing.step.trial.slug, mailing.partner.code, rows)


def lacks_link(delivery: Delivery, material: Material) -> bool:
    """Say whether a message of a survey has no link to give."""
    return material.survey is not None and delivery.participant_id not in material.links


def _link_of(delivery: Delivery, material: Material) -> str:
    link = material.links.get(delivery.participant_id)
    return settings.SITE_URL.rstrip("/") + address_of(link) if link else ""


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
