"""Addresses of the pages of delivery."""

from django.urls import path

from lighttouch.web.delivery import views
from lighttouch.web.delivery.transports.notify import views as notify

app_name = "delivery"
urlpatterns = [
    path("receipts/notify/<uuid:service>/", notify.receive, name="notify-receipt"),
    path("trials/<slug:trial>/partners/<slug:partner>/notify/", notify.page, name="notify"),
    path(
        "trials/<slug:trial>/partners/<slug:partner>/notify/remove/",
        notify.remove,
        name="notify-remove",
    ),
    path("o/<str:token>/", views.opt_out, name="opt-out"),
]
