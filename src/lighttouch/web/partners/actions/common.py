"""What every act of this stage does: save checked, and tell the log."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from lighttouch.core.errors import Fault
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.programmes.models import Partner, Programme, Trial


def save_checked(row: Model, *, exclude: Iterable[str] = ()) -> None:
    """Check a row against its fields and constraints, then save it.

    Raises
    ------
    RefusedError
        With one fault for each field that is wrong; values are not repeated.
    """
    try:
        row.full_clean(exclude=set(exclude))
    except ValidationError as error:
        raise RefusedError(_faults(error)) from None
    row.save()


def _faults(error: ValidationError) -> list[Fault]:
    faults: list[Fault] = []
    for name, errors in error.error_dict.items():
        where = "" if name == NON_FIELD_ERRORS else name.replace("_", " ").capitalize()
        for one in errors:
            known = one.code in ("blank", "null", "max_length", "unique", "unique_together")
            what = str(one.messages[0]).rstrip(".") if known or not where else "it cannot be used"
            faults.append(Fault(what[:1].lower() + what[1:], where))
    return faults


def check_revision(row: Model, revision: int) -> None:
    """Raise if a row is not as it was when the page was opened."""
    if getattr(row, "revision") != revision:  # noqa: B009 - not every model has one
        raise MovedOnError


def tell(
    act: str,
    *,
    by: Actor,
    now: datetime,
    programme: Programme | None = None,
    trial: Trial | None = None,
    partner: Partner | None = None,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Write an event about what was just done; details are codes and counts."""
    found = programme or (trial.programme if trial else partner.programme if partner else None)
    record(
        act=act,
        by=by,
        now=now,
        programme=found.slug if found else "",
        trial=trial.slug if trial else "",
        partner=partner.code if partner else "",
        details=details,
    )


def person(by: Actor) -> User | None:
    """Return the account that acts, or nothing for the system and the public."""
    return by if isinstance(by, User) else None
