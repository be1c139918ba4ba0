"""Small-cell suppression and rounding."""
