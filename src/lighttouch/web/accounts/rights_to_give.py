"""Who may give which role where: nobody gives more than they have themselves."""

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.permissions import Right, has_right, live_grants

AT_PARTNERS = (Role.COORDINATOR, Role.TEAM_MANAGER)


def may_give(giver: User, grant: Grant) -> bool:
    """Say whether somebody may give, or end, a role.

    Administrators may give every role. A trial manager may give every role but administrator
    within the programme, or the one trial, that is theirs.
    """
    own = live_grants(giver)
    if any(one.role == Role.ADMINISTRATOR for one in own):
        return True
    if grant.role == Role.ADMINISTRATOR:
        return False
    return any(
        one.role == Role.TRIAL_MANAGER
        and one.programme_id == grant.programme_id
        and (one.trial_id is None or one.trial_id == grant.trial_id)
        for one in own
    )


def may_reset(resetter: User, user: User) -> bool:
    """Say whether somebody may take away another's second factors: an administrator may."""
    return resetter != user and has_right(resetter, Right.MANAGE_ACCOUNTS)
