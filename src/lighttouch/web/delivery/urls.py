"""Addresses of the pages of delivery."""

from django.urls import path

from lighttouch.web.delivery import managing_views, views
from lighttouch.web.delivery.transports.notify import views as notify

TRIAL = "trials/<slug:trial>/delivery/"
PARTNER = "trials/<slug:trial>/partners/<slug:partner>/delivery/"

app_name = "delivery"
urlpatterns = [
    path(TRIAL, managing_views.trial_page, name="trial"),
    path(f"{TRIAL}hold/", managing_views.hold, name="hold"),
    path(f"{TRIAL}stop/", managing_views.stop, name="stop"),
    path(f"{TRIAL}mailings/<int:mailing>/", managing_views.mailing_page, name="mailing"),
    path(f"{TRIAL}mailings/<int:mailing>/failed/", managing_views.failed, name="failed"),
    path(f"{TRIAL}calendar/", managing_views.calendar_page, name="calendar"),
    path(f"{TRIAL}calendar.csv", managing_views.calendar_table, name="calendar-table"),
    path(f"{TRIAL}deliveries/<int:delivery>/", managing_views.settle, name="settle"),
    path(PARTNER, managing_views.partner_page, name="partner"),
    path(f"{PARTNER}calendar/", managing_views.partner_calendar, name="partner-calendar"),
    path(f"{PARTNER}calendar.csv", managing_views.partner_table, name="partner-table"),
    path(f"{PARTNER}<int:mailing>/preview/", managing_views.preview, name="preview"),
    path(f"{PARTNER}sign-off/", managing_views.sign_off, name="sign-off"),
    path("receipts/notify/<uuid:service>/", notify.receive, name="notify-receipt"),
    path("trials/<slug:trial>/partners/<slug:partner>/notify/", notify.page, name="notify"),
    path(
        "trials/<slug:trial>/partners/<slug:partner>/notify/remove/",
        notify.remove,
        name="notify-remove",
    ),
    path("o/<str:token>/", views.opt_out, name="opt-out"),
]
