"""Error pages: what happened, and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lighttouch.core.errors import LighttouchError


def show_fault(request: HttpRequest, error: LighttouchError) -> HttpResponse:
    """Show what is wrong with what was asked, fault by fault."""
    return render(request, "ui/fault.html", {"faults": error.faults}, status=422)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that the page was open too long, or that the browser keeps no cookies."""
    return render(request, "403_csrf.html", status=403)
