"""Addresses of the vault's pages; none of them shows what is in it."""

from django.urls import path

from lighttouch.web.contacts import views

app_name = "contacts"
_HERE = "trials/<slug:trial>/partners/<slug:partner>/contacts/"
urlpatterns = [
    path(_HERE, views.page, name="page"),
    path(f"{_HERE}template/", views.template, name="template"),
    path(f"{_HERE}destroy/", views.destroy, name="destroy"),
]
