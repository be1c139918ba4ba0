"""No pages of its own: the outbox is shown with the work, to those who run the service."""

from django.urls import URLPattern

app_name = "notices"
urlpatterns: list[URLPattern] = []
