"""What surrounds every request: one log line, and faults told in plain words."""

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lighttouch.core.errors import LighttouchError
from lighttouch.web.config.faults import show_fault

logger = logging.getLogger("lighttouch.web")
Respond = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Log the route, never the address: an address can hold a code or a link's secret."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then say which page it was, how it went and how long it took."""
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        route = request.resolver_match.route if request.resolver_match else "none"
        logger.info(
            "answered",
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "milliseconds": round(1000 * (time.perf_counter() - started), 1),
                "request_id": request_id,
            },
        )
        return response


class PlainFaults:
    """Turn an expected fault that no view caught into a page that says what to do."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show the faults of an expected error; leave defects of ours to the error page."""
        if isinstance(error, LighttouchError):
            return show_fault(request, error)
        logger.error("a page failed", exc_info=error)
        return None
