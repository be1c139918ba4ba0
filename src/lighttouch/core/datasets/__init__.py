"""The analysis set: every randomised participant once, in the arm allocated."""
