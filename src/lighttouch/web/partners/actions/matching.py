"""Put partners to trials, and end that again until the trial is registered."""

from datetime import datetime

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.actions.common import save_checked, tell
from lighttouch.web.partners.actions.tasks import seed_tasks
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import (
    Agreement,
    Expression,
    Match,
    Officer,
    Signing,
    State,
    Task,
)
from lighttouch.web.partners.words import refuse_personal
from lighttouch.web.programmes.models import Participation, Partner, Stage, Trial


@transaction.atomic
def match_partner(*, trial: Trial, partner: Partner, reason: str, by: User, now: datetime) -> Match:
    """Match a partner to a trial, with a reason, and give it its first tasks.

    Raises
    ------
    RefusedError
        If the trial is registered, or the partner is of another programme, in the trial already
        or no longer wants to take part.
    """
    trial = _unregistered(trial)
    _check_partner(trial, partner)
    refuse_personal(reason=reason)
    match = Match(trial=trial, partner=partner, reason=reason, matched_by=by, matched_at=now)
    save_checked(match)
    Participation.objects.create(trial=trial, partner=partner)
    Agreement.objects.get_or_create(trial=trial, partner=partner)
    seed_tasks(trial=trial, partner=partner, by=by, now=now)
    tell("partner.matched", by=by, now=now, trial=trial, partner=partner)
    return match


def _check_partner(trial: Trial, partner: Partner) -> None:
    if partner.programme_id != trial.programme_id:
        raise RefusedError("the partner is of another programme", where="Partner")
    if Participation.objects.filter(trial=trial, partner=partner).exists():
        raise RefusedError("the partner is in this trial already", where="Partner")
    gone = Expression.objects.filter(
        partner=partner, state__in=(State.DECLINED, State.WITHDRAWN)
    ).exists()
    if gone:
        raise RefusedError(
            "the partner's expression of interest was declined or withdrawn",
            where="Partner",
            remedy="Shortlist it again first",
        )


@transaction.atomic
def unmatch_partner(*, match: Match, reason: str, mistaken: bool, by: User, now: datetime) -> Match:
    """End a match, with a reason, while the trial is not registered.

    Tasks not done and the officers named go; what was done and signed stays.

    Parameters
    ----------
    mistaken
        The match should not have been made: the funnel does not count it.
    """
    trial = _unregistered(match.trial)
    match = Match.objects.select_for_update().get(pk=match.pk)
    if match.ended_at is not None:
        raise RefusedError("the match has ended already", remedy="Look at the page again")
    refuse_personal(reason=reason)
    match.ended_reason, match.ended_by, match.ended_at = reason, by, now
    match.mistaken = mistaken
    save_checked(match)
    here = {"trial": trial, "partner": match.partner}
    Participation.objects.filter(**here).delete()
    Task.objects.filter(**here, done_at=None).delete()
    Officer.objects.filter(**here).delete()
    if mistaken:
        Agreement.objects.filter(**here).exclude(state=Signing.SIGNED).delete()
    tell(
        "partner.unmatched",
        by=by,
        now=now,
        trial=trial,
        partner=match.partner,
        details={"mistaken": mistaken},
    )
    return match


def _unregistered(trial: Trial) -> Trial:
    trial = Trial.objects.select_for_update().get(pk=trial.pk)
    if trial.stage != Stage.DRAFT:
        raise RefusedError(
            "the trial is registered, with its partners",
            where="Trial",
            remedy="Amend the protocol to change who takes part",
        )
    return trial
