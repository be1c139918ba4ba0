"""Addresses of the pages on accounts."""

from django.urls import path

from lighttouch.web.accounts import factor_views, people_views, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/sent/", views.sent, name="sent"),
    path("sign-in/<str:token>/", views.use_link, name="use-link"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/name/", views.name, name="name"),
    path("account/second-factor/start/", factor_views.start, name="second-factor"),
    path("account/sign-out-everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("people/", people_views.people, name="people"),
    path("people/invite/", people_views.invite, name="invite"),
    path("people/roles/<int:grant>/end/", people_views.end_role, name="end-role"),
    path("people/roles/<int:grant>/send-again/", people_views.send_again, name="send-again"),
    path("people/<int:person>/close/", people_views.close, name="close"),
    path(
        "people/<int:person>/second-factor/reset/",
        people_views.reset_second_factor,
        name="reset-second-factor",
    ),
]
