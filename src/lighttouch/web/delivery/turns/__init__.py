"""How many texts one number gets in a day, whoever sends them and from however many workers.

Telephone networks hold back what looks like a flood: several texts with nearly the same words to
one number. What would be one too many waits for the next day.
"""

from lighttouch.web.delivery.turns.taking import MOST_A_DAY, forget, give_back, take

__all__ = ["MOST_A_DAY", "forget", "give_back", "take"]
