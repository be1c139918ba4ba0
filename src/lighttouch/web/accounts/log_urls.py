"""Addresses of the log's pages."""

from django.urls import path

from lighttouch.web.accounts import log_views

app_name = "audit"
urlpatterns = [
    path("audit/", log_views.log, name="log"),
    path("trials/<slug:trial>/log/", log_views.trial, name="trial"),
]
