"""One visit by a private link: whose it is, whether it is open, and from which browser."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from lighttouch.web.accounts.permissions import public
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.devices import find_device
from lighttouch.web.surveys.models import Consent, Device, Link, Response, Survey, Window
from lighttouch.web.surveys.queries import find_link, find_response, find_window, is_open
from lighttouch.web.surveys.windows import is_locked

COOKIE = "lighttouch_device"
COOKIE_DAYS = 30
HEADERS = {
    "Cache-Control": "no-store",
    # Not "no-referrer": with it browsers send forms without their origin, and forms are refused.
    # This one keeps the address out of every request just as well.
    "Referrer-Policy": "strict-origin",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything a page needs to know, looked up once."""

    link: Link
    token: str
    window: Window
    response: Response | None
    device: Device | None
    cookie: str
    now: datetime

    @property
    def survey(self) -> Survey:
        """The survey the link is to."""
        return self.link.survey

    @property
    def open(self) -> bool:
        """Whether answers are taken today."""
        return is_open(self.window, self.now) and not self.locked

    @property
    def locked(self) -> bool:
        """Whether the trial's data are locked."""
        return is_locked(self.survey.trial)

    @property
    def early(self) -> bool:
        """Whether the first day is still to come."""
        return today_of(self.now) < self.window.opens_on

    @property
    def erased(self) -> bool:
        """Whether the answers were deleted."""
        return self.response is not None and self.response.erased_at is not None

    @property
    def elsewhere(self) -> bool:
        """Whether somebody used the link before, on another browser than this."""
        return self.response is not None and not self.erased and self.device is None

    @property
    def answering(self) -> bool:
        """Whether this browser may see and give answers."""
        agreed = self.response is not None and self.response.consent == Consent.AGREED
        return agreed and not self.erased and self.device is not None


View = Callable[..., HttpResponse]


def visiting(view: View) -> Callable[..., HttpResponseBase]:
    """Hand a view its :class:`Visit`; a link that does not work gets a plain page instead.

    Nobody but the browser keeps what a page says, and no address leaves it.
    """

    @public
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **rest: object) -> HttpResponseBase:
        link = find_link(token)
        if link is None:
            response = render(request, "surveys/answering/no_link.html", status=404)
        else:
            response = view(request, _visit(request, link, token), **rest)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return guarded


def _visit(request: HttpRequest, link: Link, token: str) -> Visit:
    cookie = request.COOKIES.get(COOKIE, "")
    response = find_response(link)
    return Visit(
        link=link,
        token=token,
        window=find_window(link),
        response=response,
        device=find_device(response, link, cookie),
        cookie=cookie,
        now=timezone.now(),
    )


def keep_cookie(response: HttpResponse, cookie: str) -> None:
    """Have the browser keep its mark, for this site's surveys only and out of scripts' reach."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=COOKIE_DAYS * 86_400,
        path="/s/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
