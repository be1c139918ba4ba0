"""Counts of who was left out, by partner and reason, with small cells hidden where they must be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lighttouch.core.disclosure.counts import SUPPRESSED, suppress_small_counts
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.enrolment.convert import rules_of
from lighttouch.web.programmes.models import Partner


@dataclass(frozen=True, slots=True)
class Shown:
    """The table as one reader may see it: text by row and column, totals last."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    total: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Exclusions:
    """How many people each rule left out at each partner.

    Parameters
    ----------
    reasons
        What readers see of each rule, by its id, in order of the trial file.
    partners
        The partners with people on the roster, by name.
    counts
        People by partner's code and rule's id; an empty rule counts those enrolled.
    """

    reasons: Mapping[str, str]
    partners: tuple[Partner, ...]
    counts: Mapping[tuple[str, str], int]

    @property
    def screened(self) -> int:
        """Everyone."""
        return sum(self.counts.values())

    @property
    def enrolled(self) -> int:
        """Everyone no rule left out."""
        return sum(self.count(partner) for partner in self.partners)

    @property
    def by_reason(self) -> dict[str, int]:
        """How many each rule left out at all partners, by its reason."""
        return {
            reason: sum(self.count(partner, rule) for partner in self.partners)
            for rule, reason in self.reasons.items()
        }

    def count(self, partner: Partner, rule: str = "") -> int:
        """How many people of a partner a rule left out; those enrolled for no rule."""
        return self.counts.get((partner.code, rule), 0)

    def of_partner(self, partner: Partner) -> "Exclusions":
        """Return the counts of one partner alone."""
        own = {key: n for key, n in self.counts.items() if key[0] == partner.code}
        return Exclusions(self.reasons, (partner,), own)

    def show(self, *, exact: bool) -> Shown:
        """Return the table as text.

        Parameters
        ----------
        exact
            Whether the reader may see counts of fewer than five; otherwise they are hidden, and
            whatever else would let them be worked out.
        """
        rules = (*self.reasons, "")
        counts = np.array(
            [[self.count(partner, rule) for rule in rules] for partner in self.partners],
            dtype=np.int64,
        ).reshape(len(self.partners), len(rules))
        hide = np.zeros((len(self.partners) + 1, len(rules) + 1), dtype=bool)
        if not exact:
            hide = suppress_small_counts(counts)
        whole = np.column_stack([counts, counts.sum(axis=1)])
        whole = np.vstack([whole, whole.sum(axis=0)])
        said = [
            tuple(SUPPRESSED if hid else f"{n:,}" for n, hid in zip(line, mask, strict=True))
            for line, mask in zip(whole.tolist(), hide.tolist(), strict=True)
        ]
        names = [partner.name for partner in self.partners]
        headings = (*self.reasons.values(), "Enrolled", "Screened")
        return Shown(headings, tuple(zip(names, said, strict=False)), said[-1], bool(hide.any()))


def tabulate(
    trial: DeclaredTrial, counts: Mapping[tuple[str, str], int], partners: Mapping[str, Partner]
) -> Exclusions:
    """Make the table of a trial; a rule no longer declared keeps its id as its reason."""
    reasons = dict(rules_of(trial))
    for _, rule in counts:
        if rule:
            reasons.setdefault(rule, rule)
    ordered = tuple(sorted(partners.values(), key=lambda partner: partner.name))
    return Exclusions(reasons, ordered, dict(counts))
