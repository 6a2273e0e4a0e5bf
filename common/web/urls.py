from django.urls import include, path

from common.web import health

urlpatterns = [
    path("healthz/", health.healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
]
