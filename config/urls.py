"""URLs of all apps."""

from django.contrib import admin
from django.urls import include, path

from accounts.views.sign_in import SignIn
from jobs.views import health as jobs_health

urlpatterns = [
    path("", include("generation.urls")),
    path("jobs/", include("jobs.urls")),
    path("stories/", include("studio.urls")),
    path("healthz/jobs/", jobs_health.healthz, name="healthz_jobs"),
    path("settings/", include("accounts.urls")),
    path("", include("accounts.teams.urls")),
    path("plans/", include("accounts.billing.plans.urls")),
    path("payments/", include("accounts.billing.payments.urls")),
    path("account/login/", SignIn.as_view(), name="account_login"),
    path("account/", include("allauth.urls")),
    path("", include("gallery.urls")),
    path("", include("common.web.urls")),
    path("operator/", include("config.urls_operator")),
    path("admin/", admin.site.urls),
]
handler400 = "common.web.errors.bad_request"
handler403 = "common.web.errors.forbidden"
handler404 = "common.web.errors.not_found"
handler429 = "common.web.errors.too_many_requests"
handler500 = "common.web.errors.server_error"
