"""The way in for staff who answer: a chain of its own, shorter than the site's and as strict.

Nobody signs in by a private link, so these pages need no session, account or message. What a
browser is told to enforce is the same as everywhere.
"""

import logging
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
)
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render
from django.urls import Resolver404, resolve

from lighttouch.core.errors import LighttouchError

logger = logging.getLogger("lighttouch.web")
Respond = Callable[[HttpRequest], HttpResponseBase]

PREFIX = "/s/"
ADDRESSES = "lighttouch.web.surveys.staff_urls"
"""These pages alone, so that no other address is looked through."""
HEADERS = {
    "Cache-Control": "no-store",
    # Not "no-referrer": with it browsers send forms without their origin, and forms are refused.
    # This one keeps the address out of every request just as well.
    "Referrer-Policy": "strict-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
RECENT = 2.0
"""Seconds for which a connection that worked is taken to work."""
_used = threading.local()
FROM_HERE = frozenset({"same-origin", "none"})


class Door:
    """Answer what is asked for by a private link; hand everything else on."""

    def __init__(self, get_response: Respond) -> None:
        self._hand_on = get_response
        self._security = SecurityMiddleware(get_response)
        self._headers = HEADERS | {"Content-Security-Policy": build_policy()}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with every header the rest of the site has."""
        if not request.path_info.startswith(PREFIX):
            return self._hand_on(request)
        response = self._answer(request)
        for name, value in self._headers.items():
            response[name] = value
        return self._security.process_response(request, response)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
            _trust_connection()
            response: HttpResponse = self._security.process_request(request) or _serve(request)
        except (Resolver404, Http404):
            return _trouble(request, "nothing", 404)
        except SuspiciousOperation:
            return _trouble(request, "broken", 400)
        except LighttouchError:
            return _trouble(request, "broken", 422)
        except Exception as error:
            logger.exception("a page failed", exc_info=error)
            got_request_exception.send(sender=self.__class__, request=request)
            return _trouble(request, "ours", 500)
        return response


def _serve(request: HttpRequest) -> HttpResponse:
    if not request.path_info.endswith("/") and "." not in request.path_info:
        # As typed from a slip of paper.
        return HttpResponsePermanentRedirect(f"{request.path}/")
    match = request.resolver_match = resolve(request.path_info, ADDRESSES)
    if request.method == "POST" and not is_from_here(request):
        return _trouble(request, "forged", 403)
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def _trust_connection() -> None:
    """Ask the database whether it is still there only if it was not used just now."""
    now = time.monotonic()
    if now - getattr(_used, "at", 0.0) < RECENT:
        connection.health_check_done = True  # type: ignore[attr-defined]
    _used.at = now


def is_from_here(request: HttpRequest) -> bool:
    """Say whether a form was sent by a page of this site.

    The secret in the address is what lets somebody act, and another site does not have it. This
    keeps one that was given a link from using the browser of whoever answered by it. Browsers say
    where a form comes from; what says nothing is no browser that carries somebody's cookie.
    """
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site in FROM_HERE
    origin: str | None = request.META.get("HTTP_ORIGIN")
    if origin is not None:
        return origin == str(settings.SITE_URL) or urlsplit(origin).netloc == request.get_host()
    return True


def _trouble(request: HttpRequest, what: str, status: int) -> HttpResponse:
    return render(request, "surveys/answering/trouble.html", {"what": what}, status=status)
