"""Addresses of the pages of delivery."""

from django.urls import path

from lighttouch.web.delivery import managing_views, people_views, views
from lighttouch.web.delivery.packs import views as packs
from lighttouch.web.delivery.transports.notify import views as notify

TRIAL = "trials/<slug:trial>/delivery/"
PARTNER = "trials/<slug:trial>/partners/<slug:partner>/delivery/"
PACK = f"{PARTNER}mailings/<int:mailing>/"

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
    path(f"{TRIAL}people/", people_views.find, name="people"),
    path(f"{TRIAL}people/<int:participant>/", people_views.person, name="person"),
    path(PARTNER, managing_views.partner_page, name="partner"),
    path(f"{PARTNER}calendar/", managing_views.partner_calendar, name="partner-calendar"),
    path(f"{PARTNER}calendar.csv", managing_views.partner_table, name="partner-table"),
    path(f"{PARTNER}<int:mailing>/preview/", managing_views.preview, name="preview"),
    path(f"{PARTNER}sign-off/", managing_views.sign_off, name="sign-off"),
    path(f"{PARTNER}joining-page/", packs.join, name="join"),
    path(PACK, packs.page, name="pack"),
    path(f"{PACK}make/", packs.make, name="pack-make"),
    path(f"{PACK}packs/<int:number>/take/", packs.take, name="pack-take"),
    path(f"{PACK}packs/<int:number>/again/", packs.again, name="pack-again"),
    path(f"{PACK}packs/<int:number>/settle/", packs.settle, name="pack-settle"),
    path("receipts/notify/<uuid:service>/", notify.receive, name="notify-receipt"),
    path("trials/<slug:trial>/partners/<slug:partner>/notify/", notify.page, name="notify"),
    path(
        "trials/<slug:trial>/partners/<slug:partner>/notify/remove/",
        notify.remove,
        name="notify-remove",
    ),
    path("o/<str:token>/", views.opt_out, name="opt-out"),
]
