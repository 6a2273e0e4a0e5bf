from django.urls import path

from jobs.account_data import views as account_data_views
from jobs.live import views as live_views
from jobs.views import actions, resume, retry_failed
from jobs.views import jobs as jobs_views

app_name = "jobs"
urlpatterns = [
    path("", jobs_views.queue, name="queue"),
    path("live/", live_views.live, name="live"),
    path("bulk/", actions.bulk, name="bulk"),
    path("retry-failed/", retry_failed.retry_failed, name="retry_failed"),
    path("undo/<str:token>/", actions.undo, name="undo"),
    path("export/", account_data_views.export, name="export"),
    path("export/<uuid:pk>/", account_data_views.download, name="download"),
    path("erase/", account_data_views.erase, name="erase"),
    path("<uuid:pk>/", jobs_views.job_page, name="job"),
    path("<uuid:pk>/cancel/", actions.cancel, name="cancel"),
    path("<uuid:pk>/resume/", resume.resume, name="resume"),
    path("<uuid:pk>/retry/", actions.retry, name="retry"),
    path("<uuid:pk>/release/", actions.release, name="release"),
    path("<uuid:pk>/resend/", actions.resend, name="resend"),
    path("<uuid:pk>/delete/", actions.delete, name="delete"),
    path("<uuid:pk>/restore/", actions.restore, name="restore"),
]
