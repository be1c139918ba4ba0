"""Scales as data, scoring and reliability."""
