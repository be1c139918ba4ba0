"""Record what was agreed with a partner for a trial, and whom we may write to."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.actions.common import check_revision, save_checked, tell
from lighttouch.web.partners.actions.tasks import follow_records, place_tasks
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import Agreement, ContactRoute, Officer, Signing
from lighttouch.web.partners.queries.tasks import must_take_part
from lighttouch.web.partners.words import refuse_personal
from lighttouch.web.programmes.models import Partner, Trial


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says; ``contact_route`` is empty until it is agreed."""

    state: Signing
    reference: str = ""
    sent_on: date | None = None
    signed_on: date | None = None
    launch_on: date | None = None
    contact_route: ContactRoute | None = None


@transaction.atomic
def save_agreement(
    *, trial: Trial, partner: Partner, terms: Terms, revision: int, by: User, now: datetime
) -> Agreement:
    """Record how far an agreement has come, the launch date and who holds contact details.

    The partner's tasks follow: what is agreed is done, and days are counted from the launch.

    Parameters
    ----------
    revision
        The agreement's when the page was opened; 0 where nothing was recorded yet.
    """
    must_take_part(trial, partner)
    refuse_personal(reference=terms.reference)
    Trial.objects.select_for_update().get(pk=trial.pk)
    agreement, _ = Agreement.objects.get_or_create(trial=trial, partner=partner)
    check_revision(agreement, revision)
    _write(agreement, terms)
    place_tasks(trial=trial, partner=partner, launch_on=agreement.launch_on)
    follow_records(trial=trial, partner=partner, by=by, now=now)
    tell(
        "agreement.saved",
        by=by,
        now=now,
        trial=trial,
        partner=partner,
        details={
            "state": agreement.state,
            "launch": agreement.launch_on.isoformat() if agreement.launch_on else "",
            "contact_route": agreement.contact_route,
        },
    )
    return agreement


def _write(agreement: Agreement, terms: Terms) -> None:
    draft, signed = terms.state == Signing.DRAFT, terms.state == Signing.SIGNED
    if not draft and not terms.reference.strip():
        raise RefusedError(
            "there is no reference", where="Reference", remedy="Give the agreement's number or name"
        )
    if terms.state == Signing.SENT and terms.sent_on is None:
        raise RefusedError("there is no day", where="Sent on", remedy="Give the day it was sent")
    if signed and terms.signed_on is None:
        raise RefusedError(
            "there is no day", where="Signed on", remedy="Give the day of the last signature"
        )
    if signed and terms.sent_on and terms.signed_on and terms.signed_on < terms.sent_on:
        raise RefusedError("it was signed before it was sent", where="Signed on")
    agreement.state, agreement.reference = terms.state, terms.reference
    agreement.sent_on = None if draft else terms.sent_on
    agreement.signed_on = terms.signed_on if signed else None
    agreement.launch_on = terms.launch_on
    agreement.contact_route = terms.contact_route or ""
    agreement.revision += 1
    save_checked(agreement)


@transaction.atomic
def add_officer(
    *, trial: Trial, partner: Partner, name: str, role: str, email: str, by: User, now: datetime
) -> Officer:
    """Name somebody at the partner we may write to about the trial; once for each address."""
    must_take_part(trial, partner)
    Trial.objects.select_for_update().get(pk=trial.pk)
    email = email.strip().lower()
    if found := Officer.objects.filter(trial=trial, partner=partner, email=email).first():
        return found
    officer = Officer(trial=trial, partner=partner, name=name, role=role, email=email)
    save_checked(officer)
    follow_records(trial=trial, partner=partner, by=by, now=now)
    _tell_officers("officer.named", trial, partner, by=by, now=now)
    return officer


@transaction.atomic
def remove_officer(*, officer: Officer, by: User, now: datetime) -> None:
    """Delete somebody's name and address."""
    trial, partner = officer.trial, officer.partner
    officer.delete()
    follow_records(trial=trial, partner=partner, by=by, now=now)
    _tell_officers("officer.removed", trial, partner, by=by, now=now)


def _tell_officers(act: str, trial: Trial, partner: Partner, *, by: User, now: datetime) -> None:
    left = Officer.objects.filter(trial=trial, partner=partner).count()
    tell(act, by=by, now=now, trial=trial, partner=partner, details={"officers": left})
