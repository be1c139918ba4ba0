"""Browsers somebody answers from: known by a random cookie, kept as a hash."""

import hashlib
import secrets


def new_cookie() -> str:
    """Return a new mark for a browser: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_for(survey: int, participant: int, cookie: str) -> str:
    """Return what a browser is known by for one person's survey, and for no other."""
    about = f"survey-device:{survey}:{participant}:{cookie}"
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()
