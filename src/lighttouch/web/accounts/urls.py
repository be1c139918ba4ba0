"""Addresses of the pages on accounts."""

from django.urls import path

from lighttouch.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/sent/", views.sent, name="sent"),
    path("sign-in/<str:token>/", views.use_link, name="use-link"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/second-factor/start/", views.second_factor, name="second-factor"),
    path("account/sign-out-everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/roles/<int:grant>/end/", views.end_role, name="end-role"),
    path("people/roles/<int:grant>/send-again/", views.send_again, name="send-again"),
]
