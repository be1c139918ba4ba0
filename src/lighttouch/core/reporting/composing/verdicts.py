"""Words whose truth depends on numbers, computed from the same values the report prints."""

from dataclasses import dataclass, replace

from lighttouch.core.estimation.model import Estimate
from lighttouch.core.reporting.document import Number, Runs, Sign, Words
from lighttouch.core.reporting.numerals import MINUS, decimals_for, format_number
from lighttouch.core.reporting.results import OutcomeResult
from lighttouch.core.reporting.sourcing import At, Source, say


@dataclass(frozen=True, slots=True)
class Scale:
    """How the values of one outcome are printed."""

    binary: bool
    decimals: int

    def value(self, at: At) -> Number:
        """Quote a mean (a share in per cent, for a binary outcome)."""
        return at.as_form("percent", 1) if self.binary else at.fixed(self.decimals)

    def difference(self, at: At, sign: Sign = "plain") -> Number:
        """Quote a difference or its error (in percentage points, for a binary outcome)."""
        return at.as_form("points", 1, sign) if self.binary else at.fixed(self.decimals, sign)


def scale_of(outcome: OutcomeResult) -> Scale:
    """Choose how an outcome's values are printed: about three significant digits."""
    spreads = [summary.sd for summary in outcome.summaries if summary.sd]
    return Scale(outcome.kind == "binary", decimals_for(max(spreads, default=None)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How strong the evidence is, by the registered thresholds.

    ``p`` is the p-value of record, from the ``draws`` of the design or not. ``reached`` is the
    strictest threshold it is below, ``indicative`` the strictest indicative one when it reaches
    none. ``adjusted`` is the place of the p-value adjusted for its family, where there is one, and
    ``adjusted_reached`` the strictest threshold that one is below.
    """

    p: At
    by_draws: bool
    reached: At | None
    indicative: At | None
    adjusted: At | None
    adjusted_reached: At | None

    @property
    def significant(self) -> bool:
        """Whether a registered threshold is reached, after adjustment where there is one."""
        return self.reached is not None and (
            self.adjusted is None or self.adjusted_reached is not None
        )


def judge(source: Source, outcome: At, result: OutcomeResult, estimate: Estimate) -> Verdict:
    """Judge one registered estimate."""
    p, by_draws = find_p(outcome, result, estimate)
    adjusted = next(
        (at / "adjusted" for at in outcome / "adjusted" if at.value["arm"] == estimate.arm), None
    )
    reached = strictest(p.value, source.top / "analysis" / "thresholds")
    marks = source.top / "analysis" / "indicative_thresholds"
    return Verdict(
        p,
        by_draws,
        reached,
        None if reached else strictest(p.value, marks),
        adjusted,
        strictest(adjusted.value, source.top / "analysis" / "thresholds") if adjusted else None,
    )


def find_p(outcome: At, result: OutcomeResult, estimate: Estimate) -> tuple[At, bool]:
    """Return the p-value of record and whether it comes from redrawn allocations.

    It does when the estimate says so (its clusters are few, uneven or paired) and the test could
    be run.
    """
    place = result.estimates.index(estimate)
    for at in outcome / "randomisation":
        if (
            estimate.redraw_of_record
            and at.value["arm"] == estimate.arm
            and at.value["p_value"] is not None
        ):
            return at / "p_value", True
    return outcome / "estimates" / place / "p_value", False


def strictest(p: float, thresholds: At) -> At | None:
    """Return the smallest threshold a p-value is below, or nothing."""
    met = [at for at in thresholds if p < at.value]
    return min(met, key=lambda at: float(at.value), default=None)


def widest(thresholds: At) -> At | None:
    """Return the largest of some thresholds, or nothing."""
    return max(thresholds, key=lambda at: float(at.value), default=None)


def mark_p(p: float | None, source: Source) -> str:
    """Return the marks of a p-value: an asterisk per threshold met, else a plus per indicative one.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> top = At("", {"analysis": {"thresholds": [0.05, 0.01], "indicative_thresholds": [0.2]}})
    >>> [mark_p(p, SimpleNamespace(top=top)) for p in (0.004, 0.03, 0.15, 0.6, None)]
    ['**', '*', '+', '', '']
    """
    if p is None:
        return ""
    analysis = source.top / "analysis"
    stars, pluses = (
        "".join(sign for level in (analysis / key).value if p < level)
        for sign, key in (("*", "thresholds"), ("+", "indicative_thresholds"))
    )
    return stars or pluses


def explain_marks(source: Source) -> Runs:
    """Say what the marks of a table mean."""
    analysis = source.top / "analysis"
    runs: Runs = ()
    for sign, key in (("*", "thresholds"), ("+", "indicative_thresholds")):
        places = sorted(analysis / key, key=lambda at: -float(at.value))
        for count, at in enumerate(places, start=1):
            lead = ", " if runs else ""
            runs += say(lead + sign * count + " p < {level}", level=at.as_form("plain"))
    if not runs:
        return (Words("No threshold was registered, so nothing is marked."),)
    if analysis.value["indicative_thresholds"]:
        runs += (Words(" (plus signs are indicative only, and not robust evidence)"),)
    return (*runs, Words("."))


def quote_level(at: At) -> Number:
    """Quote a threshold or a confidence level in per cent."""
    whole = abs(100 * at.value - round(100 * at.value)) < 1e-9
    return at.as_form("percent", 0 if whole else 1)


def find_direction(difference: Number, source: Source) -> str:
    """Return ``higher`` or ``lower`` as the number is printed; empty if it is printed as nought."""
    text = format_number(replace(difference, sign="plain"), source.top.value)
    if not any(digit in text for digit in "123456789"):
        return ""
    return "lower" if text.startswith(MINUS) else "higher"


def name_method(method: At) -> Runs:
    """Name a way of adjusting for several outcomes."""
    known = {
        "holm": "Holm",
        "westfall_young": "Westfall–Young step-down",
        "sharpened_q": "sharpened q-values",
        "none": "no adjustment",
    }.get(method.value)
    return (Words(known) if known else method.name(),)
