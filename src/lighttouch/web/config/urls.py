"""Every address, stage by stage."""

from django.urls import URLPattern, URLResolver, include, path

from lighttouch.web.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health.health, name="health"),
    path("", include("lighttouch.web.accounts.library_urls")),
    path("", include("lighttouch.web.accounts.log_urls")),
    *(
        path("", include(f"lighttouch.web.{stage}.urls"))
        for stage in (
            "accounts",
            "jobs",
            "notices",
            "partners",
            "protocols",
            "returns",
            "enrolment",
            "surveys",
            "questionnaires",
            "meetings",
            "prizes",
            "allocation",
            "contacts",
            "delivery",
            "analysis",
            "overview",
        )
    ),
]
