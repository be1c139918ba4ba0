"""Who is in which arm, for surveys that ask some arms more; nothing else may ask."""

from collections.abc import Mapping

from lighttouch.web.allocation.models import Allocation, Assignment
from lighttouch.web.programmes.models import Trial
from lighttouch.web.surveys.sources import tells_arms


@tells_arms
def arms_drawn(trial: Trial) -> Mapping[int, str] | None:
    """Return each participant's arm by key; None before the draw."""
    if not Allocation.objects.filter(trial=trial).exists():
        return None
    found = Assignment.objects.filter(allocation__trial=trial)
    return dict(found.values_list("participant", "arm"))
