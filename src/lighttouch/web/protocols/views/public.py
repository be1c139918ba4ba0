"""The protocol as anybody may read it, without an account, once it is registered."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from lighttouch.core.protocol.comparing import compare_trials
from lighttouch.core.protocol.preregistering import render_preregistration
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.web.accounts.permissions import public
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import queries
from lighttouch.web.protocols.models import Amendment, Registration
from lighttouch.web.protocols.views.reading import as_file
from lighttouch.web.protocols.wording import read_sections
from lighttouch.web.storage.queries import read_bytes


@public
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the protocols that are registered."""
    context = {"registrations": queries.list_registrations()}
    return render(request, "protocols/index.html", context)


@public
@require_safe
def protocol(request: HttpRequest, trial: str) -> HttpResponse:
    """Show what was registered: in words, with its hashes and amendments."""
    found = _registered(trial)
    registration = queries.find_registration(found)
    amendments = queries.list_amendments(registration)
    declared = queries.declared(found)
    sha256 = amendments[-1].sha256 if amendments else registration.protocol_sha256
    text = render_preregistration(declared, sha256, registration.secret_commitment)
    context = {
        "trial": found,
        "declared": declared,
        "registration": registration,
        "amendments": _explain(registration, amendments),
        "sections": read_sections(text),
    }
    return render(request, "protocols/public.html", context)


@public
@require_safe
def file(request: HttpRequest, trial: str, name: str) -> HttpResponse:  # noqa: ARG001
    """Hand over one of the registered files, byte for byte."""
    found = _registered(trial)
    content = queries.registered_files(found).get(f"protocol/{name}")
    if content is None:
        raise Http404
    return as_file(content, f"{found.slug}-{name}")


def _registered(slug: str) -> Trial:
    """Return a registered trial; one that is not is as if it were not there."""
    return get_object_or_404(Trial, slug=slug, registration__isnull=False)


def _explain(
    registration: Registration, amendments: list[Amendment]
) -> list[tuple[Amendment, list[str]]]:
    """Return each amendment with what it changed, in words."""
    files = [registration.text, *(one.text for one in amendments)]
    texts = [read_bytes(one).decode() for one in files]
    versions = [parse_trial(text) for text in texts]
    return [
        (one, [d.sentence for d in compare_trials(versions[place], versions[place + 1])])
        for place, one in enumerate(amendments)
    ]
