"""Prizes for completing a survey: a secret committed to, a draw, and who won; never an answer."""
