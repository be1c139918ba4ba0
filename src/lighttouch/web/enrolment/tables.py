"""Counts of who was left out, by partner and reason, with small cells hidden where they must be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighttouch.core.disclosure.counts import SUPPRESSED, suppress_small_counts
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.enrolment.convert import rules_of
from lighttouch.web.programmes.models import Partner

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shown:
    """The table as one reader may see it: text by row and column.

    Columns are the reasons, then everyone left out, everyone enrolled and everyone screened.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    total: tuple[str, ...]
    hidden: bool

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """How many each rule left out at all partners, with its reason."""
        return tuple(zip(self.headings[:-3], self.total[:-3], strict=True))

    @property
    def left_out(self) -> str:
        """How many all rules left out."""
        return self.total[-3]

    @property
    def enrolled(self) -> str:
        """How many no rule left out."""
        return self.total[-2]

    @property
    def screened(self) -> str:
        """How many there were."""
        return self.total[-1]


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
        left_out = self._matrix(tuple(self.reasons))
        enrolled = _with_total(self._matrix(("",)))
        whole = np.column_stack([left_out, left_out.sum(axis=1)])
        whole = np.vstack([whole, whole.sum(axis=0)])
        whole = np.column_stack([whole, enrolled, whole[:, -1:] + enrolled])
        hide = np.zeros(whole.shape, dtype=bool) if exact else _hide(left_out, enrolled)
        said = [
            tuple(SUPPRESSED if hid else f"{n:,}" for n, hid in zip(line, mask, strict=True))
            for line, mask in zip(whole.tolist(), hide.tolist(), strict=True)
        ]
        names = [partner.name for partner in self.partners]
        headings = (*self.reasons.values(), "Left out", "Enrolled", "Screened")
        return Shown(headings, tuple(zip(names, said, strict=False)), said[-1], bool(hide.any()))

    def _matrix(self, rules: tuple[str, ...]) -> Counts:
        rows = [[self.count(partner, rule) for rule in rules] for partner in self.partners]
        return np.array(rows, dtype=np.int64).reshape(len(self.partners), len(rules))


def _hide(left_out: Counts, enrolled: Counts) -> Mask:
    """Say what to hide of reasons, everyone left out, everyone enrolled, everyone screened.

    How many are enrolled is printed in the arms too, so it stands unless fewer than five are
    enrolled at a partner. Who was screened is hidden where it would tell either of the others.
    """
    hidden = suppress_small_counts(left_out)
    few = suppress_small_counts(enrolled[:-1], row_totals=False)[:, :1]
    return np.column_stack([hidden, few, hidden[:, -1:] | few])


def _with_total(counts: Counts) -> Counts:
    return np.vstack([counts, counts.sum(axis=0)])


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
