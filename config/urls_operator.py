"""URLs of the operators' pages, which each app contributes to."""

from django.urls import path

from accounts.views import operator as people
from generation.views import operator as providers
from jobs.views import operator as jobs

app_name = "operator"
urlpatterns = [
    path("", jobs.overview, name="overview"),
    path("jobs/", jobs.waiting, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/decide/", jobs.decide, name="decide"),
    path("people/", people.people, name="people"),
    path("people/<uuid:pk>/suspend/", people.suspend, name="suspend"),
    path("people/<uuid:pk>/unsuspend/", people.unsuspend, name="unsuspend"),
    path("providers/", providers.overview, name="providers"),
    path("providers/connections/<uuid:pk>/switch/", providers.switch, name="switch"),
    path("providers/<slug:provider>/<path:model>/", providers.price, name="price"),
]
