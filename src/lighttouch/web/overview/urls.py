"""Addresses of the pages that show where everything stands."""

from django.urls import path

from lighttouch.web.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.home, name="home"),
    path("trials/<slug:trial>/", views.trial, name="trial"),
    path("trials/<slug:trial>/partners/<slug:partner>/", views.partner, name="partner"),
    path("about/", views.about, name="about"),
    path("about/privacy/", views.privacy, name="privacy"),
    path("about/accessibility/", views.accessibility, name="accessibility"),
]
