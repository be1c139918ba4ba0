"""Prizes for completing a survey: who is entered, and a draw that anybody can repeat."""
