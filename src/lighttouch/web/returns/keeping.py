"""What every act on a return rests on: the lock, what is refused, the row written, the event."""

from datetime import datetime

from lighttouch.core.errors import Fault, ReturnError
from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.waves import check_against_others
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.programmes.models import Trial
from lighttouch.web.returns import queries
from lighttouch.web.returns.checking import Examined
from lighttouch.web.returns.convert import frame_of, write_findings
from lighttouch.web.returns.models import Explanation, Return, State, Version
from lighttouch.web.returns.privacy import find_personal
from lighttouch.web.storage.actions import keep, let_go

LONGEST_TEXT = 1000


class MovedOnError(ReturnError):
    """Another version came since the one this was about."""


def check_words(text: str, what: str) -> str:
    """Return what somebody wrote, trimmed.

    Raises
    ------
    ReturnError
        If it is empty, too long, or holds a name or contact detail.
    """
    text = text.strip()
    if not text:
        raise ReturnError(f"the {what} is empty", where=what, remedy="Write a sentence")
    if len(text) > LONGEST_TEXT:
        raise ReturnError(
            f"the {what} is longer than {LONGEST_TEXT:,} characters",
            where=what,
            remedy="Say it more shortly",
        )
    if kind := find_personal(text):
        raise ReturnError(
            f"the {what} looks like it holds {kind}",
            where=what,
            remedy="Write it without names or contact details; use staff codes if you must",
        )
    return text


def settle(version: Version, examined: Examined, *, now: datetime) -> None:
    """Put what a check came to into a version's row, and let go of the encrypted copy."""
    sealed, version.sealed = version.sealed_id, None
    version.state = examined.state
    version.findings = write_findings(examined.findings)
    version.kinds_to_explain = examined.kinds_to_explain
    version.counts = dict(examined.counts)
    version.filename_suffix = examined.suffix
    if examined.kept is not None:
        version.original = keep(examined.kept, now=now)
    if examined.frame is not None:
        version.canonical = keep(examined.frame.write_csv(line_terminator="\n").encode(), now=now)
        version.people = examined.frame.height
        version.teams = examined.frame["team"].drop_nulls().n_unique()
        version.compared_with = [v.pk for v in queries.earlier_versions(version.for_return)]
    version.full_clean()
    version.save()
    if sealed is not None:
        let_go(sealed)


def carry_explanations(version: Version) -> None:
    """Say again what was said of the version before where as many findings of the kind remain."""
    before = version.for_return.versions.filter(number__lt=version.number).last()
    if before is None or version.state != State.TO_EXPLAIN:
        return
    counted = {kind.id: kind.count for kind in queries.kinds_of(before)}
    same = [kind.id for kind in queries.kinds_of(version) if counted.get(kind.id) == kind.count]
    for one in before.explanations.filter(kind__in=same):
        Explanation.objects.create(
            version=version, kind=one.kind, text=one.text, by=one.by, at=one.at
        )


def lock(sent: Return) -> Return:
    """Return the row as it is now, held until the transaction ends."""
    return (
        Return.objects.select_for_update(of=("self",))
        .select_related("trial__programme", "partner", "accepted")
        .get(pk=sent.pk)
    )


def next_number(sent: Return) -> int:
    """Return the number the next version gets; call it with the return locked."""
    last = sent.versions.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def refuse_if_closed(sent: Return) -> None:
    """Raise if a return takes no changes now."""
    if why := queries.why_closed(sent):
        raise ReturnError(
            f"the return takes no changes: {why}",
            where=place_of(sent),
            remedy="Ask the trial manager if something must change",
        )


def refuse_unless_current(sent: Return, number: int) -> Version:
    """Return the current version, or raise if it is not the one somebody looked at."""
    version = queries.current_version(sent)
    if version is None or version.number != number:
        newest = version.number if version else 0
        raise MovedOnError(
            f"version {newest} came since, so this is no longer about the current one",
            where=place_of(sent),
            remedy="Look at the newest version, then decide again",
        )
    return version


def refuse_unless_ready(sent: Return, version: Version) -> None:
    """Raise if a version cannot be signed off as things stand."""
    if version.state not in (State.CLEAN, State.TO_EXPLAIN):
        raise ReturnError(
            "this version did not pass its check",
            where=place_of(sent),
            remedy="Put right what was found and send the file again",
        )
    if left := queries.unexplained_kinds(version):
        raise ReturnError(
            [Fault(kind.fault, kind.heading, "Explain it, or put it right") for kind in left]
        )
    if queries.is_stale(version):
        raise ReturnError(
            "an earlier return of yours was signed off or changed since this file was checked",
            where=place_of(sent),
            remedy="Have the file checked again",
        )
    context = queries.context_of(sent)
    found = Findings("")
    frame = frame_of(version, context.trial)
    check_against_others(frame, context.earlier, context.others, found)
    if found.found:
        raise ReturnError([Fault(f.fault, place_of(sent), f.remedy) for f in found.found])


def place_of(sent: Return) -> str:
    """Name a return in a fault."""
    return f"{sent.partner.code}, {sent.wave}"


def note_outcome(version: Version, *, by: Actor, now: datetime) -> None:
    """Write the event of a check: counts only."""
    kinds = queries.kinds_of(version)
    details: dict[str, Detail] = {
        "version": version.number,
        "state": version.state,
        "people": version.people,
        "to_put_right": sum(kind.count for kind in kinds if kind.blocks),
        "to_look_at": sum(kind.count for kind in kinds if not kind.blocks),
    }
    act = "return.purged" if version.state == State.PURGED else "return.received"
    note(version, act, by=by, now=now, details=details)


def note(
    version: Version, act: str, *, by: Actor, now: datetime, details: dict[str, Detail]
) -> None:
    """Write the event of an act on a version."""
    sent = version.for_return
    note_trial(act, sent.trial, sent, by=by, now=now, details=details | {"wave": sent.wave})


def note_trial(
    act: str,
    trial: Trial,
    sent: Return | None = None,
    *,
    by: Actor,
    now: datetime,
    details: dict[str, Detail],
) -> None:
    """Write the event of an act on a trial, or on one return of it."""
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=sent.partner.code if sent else "",
        details=details,
    )
