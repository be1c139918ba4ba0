"""Addresses of meetings: short ones for those who are there, and for whoever holds one."""

from django.urls import path

from lighttouch.web.meetings.views import holding, joining

HELD = "trials/<slug:trial>/partners/<slug:partner>/surveys/<slug:wave>/meetings/"

app_name = "meetings"
urlpatterns = [
    path("m/", joining.find, name="find"),
    path("m/<slug:token>/", joining.join, name="join"),
    path("m/<slug:token>/not-today/", joining.not_today, name="not-today"),
    path(HELD, holding.page, name="page"),
    path(f"{HELD}<uuid:meeting>/", holding.screen, name="screen"),
    path(f"{HELD}<uuid:meeting>/count/", holding.count, name="count"),
    path(f"{HELD}<uuid:meeting>/quiet/", holding.quiet, name="quiet"),
    path(f"{HELD}<uuid:meeting>/end/", holding.end, name="end"),
    path(f"{HELD}<uuid:meeting>/sheet.pdf", holding.sheet, name="sheet"),
]
