"""Private links: 128 random-looking bits, made from the site's key, kept as a hash."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from django.conf import settings

from lighttouch.web.surveys.models import Link

BYTES = 16


def token_for(survey: int, participant: int, number: int) -> str:
    """Return the secret part of a link's address; the same each time, and guessable by nobody."""
    about = f"survey-link:{survey}:{participant}:{number}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), about, hashlib.sha256).digest()
    return urlsafe_b64encode(made[:BYTES]).rstrip(b"=").decode("ascii")


def digest_of(token: str) -> str:
    """Return what a link is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def token_of(link: Link) -> str:
    """Return the secret part of a link that is kept."""
    return token_for(link.survey_id, link.participant_id, link.number)
