"""Addresses of prizes."""

from django.urls import path

from lighttouch.web.prizes import views

PRIZE = "trials/<slug:trial>/surveys/<slug:wave>/prize/"

app_name = "prizes"
urlpatterns = [
    path(PRIZE, views.page, name="page"),
    path(f"{PRIZE}draw/", views.draw, name="draw"),
    path(f"{PRIZE}draw.<slug:kind>", views.file, name="file"),
    path(
        "trials/<slug:trial>/partners/<slug:partner>/surveys/<slug:wave>/prize/",
        views.partner,
        name="partner",
    ),
    path("prizes/<slug:trial>/<slug:wave>/", views.check, name="check"),
]
