from django.urls import path

from accounts.views import look, privacy, profile, security

app_name = "accounts"
urlpatterns = [
    path("", profile.settings, name="settings"),
    path("picture/delete/", profile.drop_picture, name="drop_picture"),
    path("look/", look.look, name="look"),
    path("theme/", look.theme, name="theme"),
    path("security/", security.security, name="security"),
    path("security/sessions/<int:pk>/end/", security.end_session, name="end_session"),
    path("privacy/", privacy.privacy, name="privacy"),
]
