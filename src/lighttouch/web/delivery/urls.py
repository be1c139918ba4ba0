"""Addresses of the pages of delivery."""

from django.urls import path

from lighttouch.web.delivery import views

app_name = "delivery"
urlpatterns = [
    path("o/<str:token>/", views.opt_out, name="opt-out"),
]
