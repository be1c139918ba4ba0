"""Who is asked what, where some arms are asked more: opaque letters in the place of arms."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.programmes.models import Trial
from lighttouch.web.surveys.asking import pages_by_arm
from lighttouch.web.surveys.sources import arms_of

LETTERS = "bcdfghjkmnpqrstvwxz"
LENGTH = 6


@dataclass(frozen=True, slots=True)
class Variants:
    """The letters of each arm, for the moment of opening; never kept, never shown."""

    by_arm: Mapping[str, str] = field(default_factory=dict)
    arms: Mapping[int, str] = field(default_factory=dict, repr=False)

    def of(self, participant: int) -> str:
        """Return a participant's letters; none for somebody without an arm."""
        return self.by_arm.get(self.arms.get(participant, ""), "")


def draw_variants(trial: Trial, declared: DeclaredTrial, wave: str) -> Variants:
    """Draw letters for each set of pages that arms are asked; none if all are asked the same.

    Arms that are asked the same share their letters. They are new for each survey, so that they
    lead from no survey to another.

    Raises
    ------
    InputError
        If some arms are asked more and nothing is allocated yet.
    """
    asked = pages_by_arm(declared, wave)
    if not any(asked.values()):
        return Variants()
    arms = arms_of(trial)
    if arms is None:
        raise InputError(
            "some questions are for some arms only, and nothing is allocated yet",
            where=wave,
            remedy="Allocate first, then open the survey",
        )
    letters = _draw(len(set(asked.values())))
    by_pages = dict(zip(sorted(set(asked.values()), key=sorted), letters, strict=True))
    return Variants({arm: by_pages[pages] for arm, pages in asked.items()}, arms)


def _draw(number: int) -> list[str]:
    drawn: set[str] = set()
    while len(drawn) < number:
        drawn.add("".join(secrets.choice(LETTERS) for _ in range(LENGTH)))
    return list(drawn)
