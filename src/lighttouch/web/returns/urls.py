"""Addresses of the pages of returns."""

from django.urls import path

from lighttouch.web.returns.views import downloads, managing, reading, sending

OF_PARTNER = "trials/<slug:trial>/partners/<slug:partner>/returns/"
ONE = f"{OF_PARTNER}<slug:wave>/"
VERSION = f"{ONE}versions/<int:number>/"

app_name = "returns"
urlpatterns = [
    path("trials/<slug:trial>/returns/", managing.grid, name="grid"),
    path("trials/<slug:trial>/returns/live/", managing.grid_live, name="grid-live"),
    path("trials/<slug:trial>/returns/grid.csv", managing.grid_csv, name="grid-csv"),
    path("trials/<slug:trial>/returns/ask/", managing.ask, name="ask"),
    path(OF_PARTNER, reading.partner, name="partner"),
    path(ONE, reading.one, name="return"),
    path(f"{ONE}template/", downloads.template, name="template"),
    path(f"{ONE}send/", sending.send, name="send"),
    path(f"{ONE}open-again/", managing.reopen, name="reopen"),
    path(VERSION, reading.version, name="version"),
    path(f"{VERSION}progress/", reading.progress, name="progress"),
    path(f"{VERSION}changes/", reading.changes, name="changes"),
    path(f"{VERSION}explain/", sending.explain, name="explain"),
    path(f"{VERSION}check-again/", sending.check_again, name="check-again"),
    path(f"{VERSION}sign-off/", sending.sign_off, name="sign-off"),
    path(f"{VERSION}marked/", downloads.marked, name="marked"),
    path(f"{VERSION}findings.csv", downloads.findings, name="findings"),
]
