from django.urls import path

from accounts.billing.credit import cap_views
from accounts.billing.plans import views as plans
from accounts.billing.usage import views as usage
from accounts.views import appearance, profile, security

app_name = "accounts"
urlpatterns = [
    path("", profile.settings, name="settings"),
    path("picture/delete/", profile.delete_picture, name="delete_picture"),
    path("look/", appearance.appearance, name="appearance"),
    path("theme/", appearance.theme, name="theme"),
    path("security/", security.security, name="security"),
    path("security/sessions/<int:pk>/end/", security.end_session, name="end_session"),
    path("limits/", plans.show_limits, name="limits"),
    path("usage/", usage.usage, name="usage"),
    path("usage/jobs/", usage.usage_jobs, name="usage_jobs"),
    path("usage/usage.csv", usage.usage_csv, name="usage_csv"),
    path("privacy/", profile.privacy, name="privacy"),
    path("caps/", cap_views.list_caps, name="caps"),
    path("caps/<uuid:pk>/remove/", cap_views.remove_cap, name="remove_cap"),
]
