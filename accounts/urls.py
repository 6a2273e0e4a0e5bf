from django.urls import path

from accounts.plans import views as plans
from accounts.views import appearance, privacy, profile, security

app_name = "accounts"
urlpatterns = [
    path("", profile.settings, name="settings"),
    path("picture/delete/", profile.delete_picture, name="delete_picture"),
    path("look/", appearance.appearance, name="appearance"),
    path("theme/", appearance.theme, name="theme"),
    path("security/", security.security, name="security"),
    path("security/sessions/<int:pk>/end/", security.end_session, name="end_session"),
    path("limits/", plans.show_limits, name="limits"),
    path("privacy/", privacy.privacy, name="privacy"),
]
