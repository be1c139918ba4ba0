"""Addresses of the pages about work in the background."""

from django.urls import path

from lighttouch.web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("work/", views.queue, name="queue"),
    path("work/notices/", views.mail, name="mail"),
    path("work/notices/<int:notice>/again/", views.send_again, name="send-again"),
    path("work/<uuid:job>/", views.progress, name="progress"),
    path("work/<uuid:job>/state/", views.state, name="state"),
    path("work/<uuid:job>/again/", views.again, name="again"),
]
