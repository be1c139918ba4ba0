"""The pages before and after the questions: made once for everybody who is told the same."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string

from lighttouch.web.surveys.compiling import Asked
from lighttouch.web.surveys.lookups import Found
from lighttouch.web.surveys.models import Survey
from lighttouch.web.surveys.views.visits import TEMPLATES

MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything these pages say; whoever is told the same gets the same bytes."""

    survey: int
    consent_version: str
    questions: int
    title: str
    minutes: int
    programme: str
    partner: str
    closes_on: date
    demonstration: bool


def _facts(found: Found, asked: Asked) -> Facts:
    return Facts(
        survey=found.survey,
        consent_version=found.consent_version,
        questions=asked.told,
        title=found.title,
        minutes=found.minutes,
        programme=found.programme_title,
        partner=found.partner_name,
        closes_on=found.closes_on,
        demonstration=settings.DEMONSTRATION,
    )


def landing_page(found: Found, asked: Asked) -> bytes:
    """Return the page a link opens, the same for every browser that is not known."""
    return _landing(_facts(found, asked))


def thanks_page(found: Found, asked: Asked) -> bytes:
    """Return the page after the last question."""
    return _thanks(_facts(found, asked))


@lru_cache(maxsize=MOST_KEPT)
def _landing(facts: Facts) -> bytes:
    survey = Survey.objects.only("statement").get(pk=facts.survey)
    return _render("landing", facts, up="", statement=survey.statement)


@lru_cache(maxsize=MOST_KEPT)
def _thanks(facts: Facts) -> bytes:
    return _render("thanks", facts, up="../")


def _render(template: str, facts: Facts, **context: object) -> bytes:
    context |= {"facts": facts, "title": facts.title, "demonstration": facts.demonstration}
    return render_to_string(f"{TEMPLATES}/{template}.html", context).encode()
