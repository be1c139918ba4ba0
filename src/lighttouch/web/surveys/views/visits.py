"""One visit by a private link: whose it is, whether it is open, and from which browser."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from lighttouch.web.accounts.permissions import public
from lighttouch.web.surveys.compiling import Asked, asked_of
from lighttouch.web.surveys.lookups import Found, Said, look_up
from lighttouch.web.surveys.models import Link, Window
from lighttouch.web.surveys.queries import answers_seen_from, find_link, find_window

COOKIE = "lighttouch_device"
COOKIE_DAYS = 30
MINE = "lighttouch_mine"
"""What a browser keeps once somebody said there that the link is theirs; for its address only."""
TEMPLATES = "surveys/answering"


@dataclass(frozen=True)
class Visit:
    """Everything a page needs to know, looked up once."""

    found: Found
    said: Said | None
    token: str
    cookie: str
    claimed: bool
    now: datetime

    @property
    def open(self) -> bool:
        """Whether answers are taken today."""
        return self.found.takes_answers(self.now)

    @property
    def early(self) -> bool:
        """Whether the first day is still to come."""
        return self.found.early(self.now)

    @property
    def erased(self) -> bool:
        """Whether the answers were deleted."""
        return self.said is not None and self.said.erased

    @property
    def device(self) -> int | None:
        """Number of this browser, if somebody answered from it by this link."""
        return self.said.device if self.said else None

    @property
    def elsewhere(self) -> bool:
        """Whether somebody used the link before, on another browser than this."""
        return self.said is not None and not self.erased and self.device is None

    @property
    def known(self) -> bool:
        """Whether this browser may be told what somebody did; any other learns nothing."""
        return self.device is not None or (self.claimed and not self.elsewhere)

    @property
    def answering(self) -> bool:
        """Whether this browser may see and give answers."""
        return self.said is not None and self.said.agreed and self.device is not None

    @property
    def asked(self) -> Asked:
        """What the link asks."""
        return asked_of(self.found)

    @property
    def answers(self) -> tuple[dict[str, str], frozenset[str]]:
        """Answers given in this browser, by item, and the items answered elsewhere."""
        return answers_seen_from(
            response=self.said.response if self.said else 0, device=self.device
        )

    @cached_property
    def link(self) -> Link:
        """The link itself, for what is rare."""
        found = find_link(self.token)
        assert found is not None
        return found

    @cached_property
    def window(self) -> Window:
        """When the survey can be answered, for what is rare."""
        return find_window(self.link)

    def go(self, place: str = "") -> HttpResponse:
        """Send the browser to another page of the same link."""
        return HttpResponseRedirect(f"/s/{self.token}/{place}")

    def show(
        self, request: HttpRequest, template: str, *, status: int = 200, **context: object
    ) -> HttpResponse:
        """Return a page that is put together for this visit alone."""
        up = "../" * (request.path_info.count("/") - 3)
        context |= {"visit": self, "title": self.found.title, "up": up}
        return render(request, f"{TEMPLATES}/{template}.html", context, status=status)


View = Callable[..., HttpResponse]


def visiting(view: View) -> View:
    """Hand a view its :class:`Visit`; a link that does not work gets a plain page instead."""

    @public
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **rest: Any) -> HttpResponse:
        cookie = request.COOKIES.get(COOKIE, "")
        known = look_up(token, cookie)
        if known is None:
            return render(request, f"{TEMPLATES}/no_link.html", status=404)
        claimed = MINE in request.COOKIES
        return view(request, Visit(*known, token, cookie, claimed, timezone.now()), **rest)

    return guarded


def keep_cookie(response: HttpResponse, cookie: str) -> None:
    """Have the browser keep its mark, for this site's surveys only and out of scripts' reach."""
    _keep(response, COOKIE, cookie, "/s/")


def keep_claim(response: HttpResponse, visit: Visit) -> None:
    """Have the browser keep that somebody said the link is theirs; for this link only."""
    _keep(response, MINE, "yes", f"/s/{visit.token}/")


def forget(response: HttpResponse, visit: Visit) -> None:
    """Have the browser keep nothing of this."""
    response.delete_cookie(COOKIE, path="/s/")
    response.delete_cookie(MINE, path=f"/s/{visit.token}/")


def _keep(response: HttpResponse, name: str, value: str, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_DAYS * 86_400,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
