"""The analysis set."""
