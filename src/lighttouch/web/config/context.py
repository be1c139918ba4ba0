"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, Any]:
    """Say whether this is a demonstration."""
    return {"demonstration": settings.DEMONSTRATION}
