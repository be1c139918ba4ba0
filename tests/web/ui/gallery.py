"""A page with every piece on it, for a browser to look at; part of the tests only."""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path

from lighttouch.core.errors import Fault
from lighttouch.web.config.urls import urlpatterns as site
from lighttouch.web.ui.charts import (
    Cell,
    Due,
    Row,
    draw_balance,
    draw_bars,
    draw_curve,
    draw_funnel,
    draw_grid,
    draw_timeline,
)
from lighttouch.web.ui.charts.grid import Look
from lighttouch.web.ui.forms import (
    CheckboxSelectMultiple,
    CodeField,
    DateField,
    Form,
    RadioSelect,
    WholeNumberField,
)
from lighttouch.web.ui.pieces import Fact, Table, Task

TODAY = date(2027, 3, 15)
ENOUGH = 2
LIVE = {"seen": 0}
"""How often the live piece was fetched since its page was opened."""
PARTNERS = (
    "Dudley",
    "Bracknell Forest",
    "Shropshire",
    "Bournemouth, Christchurch and Poole",
    "South Tyneside",
    "Isle of Wight",
)


class Every(Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of the partner", help_text="As on its letterhead.")
    email = forms.EmailField(label="Work e-mail address")
    people = WholeNumberField(label="How many staff are there?")
    start = DateField(label="Launch date", help_text="For example, 3 5 2027 or 3 May 2027")
    kind = forms.ChoiceField(
        label="What will you try?",
        choices=[("letters", "Letters of recognition"), ("drinks", "Free tea and coffee")],
        widget=RadioSelect(hints={"letters": "A thank-you letter by post, from a senior person"}),
    )
    several = forms.MultipleChoiceField(
        label="Who takes part?",
        choices=[("adults", "Adult social care"), ("children", "Children’s social care")],
        widget=CheckboxSelectMultiple,
    )
    region = forms.ChoiceField(
        label="Region", choices=[("wm", "West Midlands"), ("ne", "North East")]
    )
    about = forms.CharField(
        label="About the partner", widget=forms.Textarea({"rows": 4}), max_length=400
    )
    file = forms.FileField(label="This collection’s return", help_text="An Excel file or a CSV.")
    text = CodeField(label="Trial file", initial='[trial]\ntitle = "Letters"\n')
    secret = forms.CharField(label="Passphrase", widget=forms.PasswordInput, required=False)
    sure = forms.BooleanField(label="I have checked this with somebody who knows")


def pieces(request: HttpRequest) -> HttpResponse:
    """Show everything but forms."""
    messages.success(request, "The return was signed off.")
    messages.warning(request, "Two partners have not answered yet.")
    messages.error(request, "The file could not be kept.")
    context = {
        "demonstration": True,
        "charts": [*_shares(), *_dates(), *_numbers()],
        "facts_shown": [
            Fact("Partner", "Dudley", "#", "Change"),
            Fact("Coordinator", "Ann Example, Business Support", "#", "Change"),
            Fact("Launch date", "Monday 3 May 2027"),
        ],
        "tasks": [
            Task("Sign the agreement", "done", "Done", "#"),
            Task(
                "Send the baseline return", "late", "3 days late", "#", "Due Friday 12 March 2027"
            ),
            Task("Check the findings", "doing", "4 to explain", "#"),
            Task("Send the endline return", "closed", "Cannot start yet"),
        ],
        "table": Table(
            "People by reason for exclusion",
            ("Reason", "Partner", "People"),
            (("On leave for the whole trial", "Dudley", "1,204"), ("Agency staff", "Dudley", "87")),
            numeric=frozenset({2}),
        ),
        "page": Paginator(range(200), 10).page(7),
        "faults_shown": [
            Fault("the wave is unknown", "line 3, wave", "Name one of: baseline, endline"),
            Fault("the file is empty"),
        ],
        "today": TODAY,
    }
    return render(request, "gallery.html", context)


def form(request: HttpRequest) -> HttpResponse:
    """Show every field; with something wrong if it was sent."""
    shown = Every(request.POST, request.FILES) if request.method == "POST" else Every()
    return render(request, "gallery_form.html", {"form": shown, "once": "once-only"})


def live(request: HttpRequest) -> HttpResponse:
    """Show a piece that is fetched again until it is over."""
    LIVE["seen"] = LIVE["seen"] + 1 if request.headers.get("X-Fragment") else 0
    piece = f'<a href="/x/">Seen {LIVE["seen"]} times</a>'
    if request.headers.get("X-Fragment"):
        over = '<p data-stop="">Over</p>' if LIVE["seen"] >= ENOUGH else ""
        return HttpResponse(piece + over)
    return render(request, "gallery_live.html", {"piece": piece})


def broken(_request: HttpRequest) -> HttpResponse:
    """Fail, for the page that says so."""
    raise ZeroDivisionError


def _shares() -> list[object]:
    counts = ((320, 410), (41, 207), (0, 315), (600, 811), (90, 90), (0, 0))
    return [
        draw_bars(
            "Response at baseline",
            [(name, *both) for name, both in zip(PARTNERS, counts, strict=True)],
            target=0.6,
            noun="answered",
        ),
        draw_funnel(
            "Recruitment of partners",
            [("Expressed interest", 35), ("Met the criteria", 22), ("Agreed", 15), ("Launched", 9)],
        ),
    ]


def _dates() -> list[object]:
    dues = {
        name: [
            Due(date(2026, 9 + place % 3, 5 + place), "Baseline return", done=place != 2),
            Due(date(2027, 3, 1 + 5 * place), "Interim return"),
            Due(date(2027, 9, 10 + place), "Endline return"),
        ]
        for place, name in enumerate(PARTNERS)
    }
    looks: tuple[Look, ...] = ("done", "wrong", "doing", "late", "waiting", "done")
    words = ("Signed off", "3 faults", "Checking", "Late", "Not due yet", "Signed off")
    rows = [
        Row(
            name,
            (
                Cell("Baseline", "done", "Signed off", "#", "Tuesday 2 March 2027"),
                Cell("Endline", looks[place], words[place], "#" if place % 2 else ""),
            ),
            "#",
        )
        for place, name in enumerate(PARTNERS)
    ]
    return [
        draw_timeline("When returns are due", dues, today=TODAY),
        draw_grid("Returns by partner and wave", ("Baseline", "Endline"), rows),
    ]


def _numbers() -> list[object]:
    measures = (("Age", 0.04), ("Length of service", -0.13), ("Sickness absence, last year", 0.31))
    return [
        draw_balance("Balance between arms", [*measures, ("Grade", None), ("Hours", 0.0)]),
        draw_curve(
            "Power to find an effect of the letters",
            [(effect / 100, 1 - 0.95 * 0.9**effect) for effect in range(0, 41, 2)],
            planned=(0.15, 0.8),
            across="Effect (standard deviations)",
        ),
        draw_bars("Response at endline", []),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("gallery/", pieces, name="gallery"),
    path("gallery/form/", form, name="gallery-form"),
    path("gallery/live/", live),
    path("gallery/broken/", broken),
    *site,
]
