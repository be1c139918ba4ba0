"""Addresses of the archive and of the report."""

from django.urls import path

from lighttouch.web.analysis import views

app_name = "analysis"
urlpatterns = [
    path("trials/<slug:trial>/archive/", views.archive, name="archive"),
    path("trials/<slug:trial>/archive/build/", views.build, name="build"),
    path("trials/<slug:trial>/archive/file/", views.download, name="download"),
    path("trials/<slug:trial>/archive/tables/", views.attach, name="attach"),
    path("trials/<slug:trial>/report/", views.report, name="report"),
    path("trials/<slug:trial>/report/<path:name>", views.report_file, name="report-file"),
]
