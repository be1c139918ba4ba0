"""Browsers somebody answers from: known by a random cookie, kept as a hash."""

import hashlib
import secrets

from lighttouch.web.surveys.models import Device, Link, Response


def new_cookie() -> str:
    """Return a new mark for a browser: 256 random bits."""
    return secrets.token_urlsafe(32)


def device_digest(link: Link, cookie: str) -> str:
    """Return what a browser is known by for one person's survey, and for no other."""
    about = f"survey-device:{link.survey_id}:{link.participant_id}:{cookie}"
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()


def find_device(response: Response | None, link: Link, cookie: str) -> Device | None:
    """Return the device if somebody answered from it before."""
    if response is None or not cookie:
        return None
    return Device.objects.filter(response=response, digest=device_digest(link, cookie)).first()
