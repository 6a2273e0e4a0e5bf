from django.urls import path

from jobs.views import acts, people, queue

app_name = "jobs"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("live/", queue.live, name="live"),
    path("bulk/", acts.bulk, name="bulk"),
    path("undo/<str:token>/", acts.undo, name="undo"),
    path("export/", people.export, name="export"),
    path("export/<uuid:pk>/", people.download, name="download"),
    path("erase/", people.erase, name="erase"),
    path("<uuid:pk>/", queue.job, name="job"),
    path("<uuid:pk>/cancel/", acts.cancel, name="cancel"),
    path("<uuid:pk>/retry/", acts.retry, name="retry"),
    path("<uuid:pk>/release/", acts.release, name="release"),
    path("<uuid:pk>/ask-anew/", acts.ask_anew, name="ask_anew"),
    path("<uuid:pk>/delete/", acts.delete, name="delete"),
    path("<uuid:pk>/restore/", acts.restore, name="restore"),
]
