"""Surveys: a private link for each participant, answers kept one by one, and how many came back."""
