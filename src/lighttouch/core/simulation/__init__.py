"""Synthetic workforces with known truth, sent through the real front doors."""
