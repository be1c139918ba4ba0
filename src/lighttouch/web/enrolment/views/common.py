"""What the pages of enrolment share."""

from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right
from lighttouch.web.enrolment.tables import Exclusions
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.ui.pieces import Table


def trial_of(request: ScopedRequest) -> Trial:
    """Return the trial a page is about."""
    trial = request.scope.trial
    assert trial is not None, "the address names a trial"
    return trial


def partner_of(request: ScopedRequest) -> Partner:
    """Return the partner a page is about."""
    partner = request.scope.partner
    assert partner is not None, "the address names a partner"
    return partner


def may(request: ScopedRequest, right: Right) -> bool:
    """Say whether whoever asks has another right where the page points."""
    return has_right(request.user, right, request.scope)


def draw_table(counts: Exclusions, caption: str, *, exact: bool) -> tuple[Table, bool]:
    """Lay out who was left out, by partner; say whether small counts are hidden."""
    shown = counts.show(exact=exact)
    rows = [(name, *cells) for name, cells in shown.rows]
    if len(rows) > 1:
        rows.append(("All partners", *shown.total))
    columns = frozenset(range(1, len(shown.headings) + 1))
    return Table(caption, ("Partner", *shown.headings), rows, columns), shown.hidden
