"""A reference set of test statistics: the p-value of any hypothesised effect, and its inversion.

Randomisation inference and the wild bootstrap both compare one statistic with what it would have
been under other allocations or other signs. Each such statistic is a ratio whose parts depend on
the hypothesised effect through two lines and one parabola, so one pass over the reference set
answers for every hypothesised effect.
"""

from dataclasses import dataclass

import numpy as np

from lighttouch.core.estimation.regression import FloatArray

TIE = 1e-9
"""Squared statistics this close, relatively, are equal: mirrored allocations give the same value
but for rounding (about 1e-13), and a tie must count as being as extreme."""
STEPS = 60
"""Steps outward when inverting, each half as far again: 60 reach ten thousand million errors."""
SETTLED = 1e-10
"""An interval's end is found when its distance from the estimate is known to this share."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Statistics of a reference set of R allocations (or sign patterns).

    The squared statistic of row r at hypothesised effect e is
    ``(effects - e * slopes)^2 / (own - 2 e * joint + e^2 * shift)``.

    Parameters
    ----------
    effects, slopes, own, joint, shift
        Shape (R,).
    chances
        Probability of each row, summing to one; shape (R,).
    observed
        Position of the row that was observed.
    """

    effects: FloatArray
    slopes: FloatArray
    own: FloatArray
    joint: FloatArray
    shift: FloatArray
    chances: FloatArray
    observed: int

    def squares(self, effect: float = 0.0) -> FloatArray:
        """Squared statistics under a hypothesised effect; infinite where undefined."""
        top = (self.effects - effect * self.slopes) ** 2
        below = self.own - 2 * effect * self.joint + effect**2 * self.shift
        sound = below > 0
        return np.where(sound, top / np.where(sound, below, 1.0), np.inf)

    def p_value(self, effect: float = 0.0) -> float:
        """Probability of a statistic at least as extreme as the one observed."""
        squares = self.squares(effect)
        extreme = squares >= squares[self.observed] * (1 - TIE)
        return min(1.0, float(self.chances[extreme].sum()))

    def smallest_p(self) -> float:
        """Return the smallest p-value any row of the reference set could have had."""
        squares = self.squares()
        return min(1.0, float(self.chances[squares >= squares.max() * (1 - TIE)].sum()))

    def invert(self, level: float) -> tuple[float, float] | None:
        """Return the effects not rejected at 1 - level, or ``None`` if no effect can be.

        The ends are the first crossings met going outward from the estimate.
        """
        centre = float(self.effects[self.observed])
        scale = float(np.sqrt(self.own[self.observed]))
        low = self._cross(centre, -scale, 1 - level)
        high = self._cross(centre, scale, 1 - level)
        return None if low is None or high is None else (low, high)

    def _cross(self, centre: float, step: float, alpha: float) -> float | None:
        """Go outward until rejected, then halve the bracket; ``None`` if never rejected."""
        inside, outside = 0.0, 0.5
        for _ in range(STEPS):
            if self.p_value(centre + outside * step) <= alpha:
                break
            inside, outside = outside, outside * 1.5
        else:
            return None
        while outside - inside > SETTLED * outside:
            middle = (inside + outside) / 2
            if self.p_value(centre + middle * step) <= alpha:
                outside = middle
            else:
                inside = middle
        return centre + inside * step
