"""Who answers a survey: not a random few, when the profile says so."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from lighttouch.core.simulation.profile import Response
from lighttouch.core.simulation.workforce import Floats

_WIDEST = 60.0


def compute_response_chance(
    response: Response, *, wellbeing: Floats, habit: Floats, arm: Floats
) -> Floats:
    """Return each person's chance of answering.

    Parameters
    ----------
    response
        The share answering and what moves it.
    wellbeing, habit
        Standard normal, shape (people,).
    arm
        What each person's arm adds to the log odds, shape (people,).

    Returns
    -------
    ndarray
        Chances whose mean would be ``response.rate`` if no arm moved them.

    Examples
    --------
    >>> zero = np.zeros(3)
    >>> compute_response_chance(Response(rate=0.2), wellbeing=zero, habit=zero, arm=zero).round(3)
    array([0.2, 0.2, 0.2])
    """
    leaning = response.wellbeing_slope * wellbeing + response.habit * habit

    def excess(level: float) -> float:
        return float(expit(level + leaning).mean()) - response.rate

    level = float(brentq(excess, -_WIDEST, _WIDEST))
    return np.asarray(expit(level + leaning + arm))
