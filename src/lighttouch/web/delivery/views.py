"""Pages of delivery."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lighttouch.web.accounts.permissions import public
from lighttouch.web.delivery import actions


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def opt_out(request: HttpRequest, token: str) -> HttpResponse:
    """Say that no more messages are wanted; only a POST acts, since mail scanners open links.

    A mail program posts here by itself, without a form of ours.
    """
    delivery = actions.find_by_token(token)
    if delivery is None:
        raise Http404
    done = request.method == "POST"
    if done:
        actions.opt_out(delivery=delivery, now=timezone.now())
    return render(request, "delivery/opt_out.html", {"done": done})
