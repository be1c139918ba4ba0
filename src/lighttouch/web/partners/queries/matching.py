"""Which partner is in which trial, why, and what to be wary of."""

from collections import defaultdict
from dataclasses import dataclass

from lighttouch.web.partners.models import Match
from lighttouch.web.programmes.models import Participation, Partner, Programme, Trial


@dataclass(frozen=True, slots=True)
class Place:
    """A partner in a trial; without a match where it came in through the protocol."""

    trial: Trial
    match: Match | None


@dataclass(frozen=True, slots=True)
class PartnerView:
    """A partner and the trials it is in."""

    partner: Partner
    places: tuple[Place, ...]

    @property
    def in_several(self) -> bool:
        """Whether what is done in one of its trials could reach people of another."""
        return len(self.places) > 1


def partners_of(programme: Programme) -> list[PartnerView]:
    """Return every partner of a programme with the trials it is in, by name."""
    live = {
        (match.trial_id, match.partner_id): match
        for match in Match.objects.filter(trial__programme=programme, ended_at=None).select_related(
            "matched_by", "trial"
        )
    }
    places: dict[int, list[Place]] = defaultdict(list)
    taking_part = Participation.objects.filter(trial__programme=programme)
    for one in taking_part.select_related("trial").order_by("trial__title"):
        places[one.partner_id].append(Place(one.trial, live.get((one.trial_id, one.partner_id))))
    return [PartnerView(partner, tuple(places[partner.pk])) for partner in programme.partners.all()]


def conflicts(programme: Programme) -> list[PartnerView]:
    """Return the partners that are in more than one trial."""
    return [one for one in partners_of(programme) if one.in_several]


def ended_matches(programme: Programme) -> list[Match]:
    """Return matches that ended, the last first."""
    return list(
        Match.objects.filter(trial__programme=programme, ended_at__isnull=False)
        .select_related("trial", "partner", "ended_by")
        .order_by("-ended_at")
    )
