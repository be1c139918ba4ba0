"""Light-touch workforce trials, from a one-file protocol to a reproducible report."""

__version__ = "0.1.0"
