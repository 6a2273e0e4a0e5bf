from django.urls import path

from generation.providers.connections import views as connection_views
from generation.views import clip, create, effects, home, library, selection, upload, webhooks, workflows

app_name = "generation"
urlpatterns = [
    path("", home.home, name="home"),
    path("try/", home.guest, name="guest"),
    path("create/", create.create, name="create"),
    path("create/composer/", create.composer, name="composer"),
    path("create/estimate/", create.estimate, name="estimate"),
    path("create/video/", upload.upload, name="video_upload"),
    path("create/video/<uuid:pk>/", upload.video, name="video"),
    path("create/video/<uuid:pk>/effects/", effects.over_video, name="video_effects"),
    path("create/understood/", create.understood, name="understood"),
    path("webhooks/<slug:provider>/<str:token>/", webhooks.webhook, name="webhook"),
    path("settings/connections/", connection_views.own_connections, name="connections"),
    path("settings/connections/add/", connection_views.add_connection, name="connection_add"),
    path("settings/connections/of/<uuid:pk>/", connection_views.workspace_connections, name="connections_of"),
    path("settings/connections/of/<uuid:pk>/workflows/", workflows.workspace_workflows, name="workflows_of"),
    path("settings/connections/workflows/<uuid:pk>/delete/", workflows.delete, name="workflow_delete"),
    path("settings/connections/<uuid:pk>/", connection_views.edit_connection, name="connection"),
    path("settings/connections/<uuid:pk>/test/", connection_views.test_connection, name="connection_test"),
    path("settings/connections/<uuid:pk>/switch/", connection_views.set_enabled, name="connection_switch"),
    path("settings/connections/<uuid:pk>/default/", connection_views.set_default, name="connection_default"),
    path("settings/connections/<uuid:pk>/delete/", connection_views.delete_connection, name="connection_delete"),
    path("clips/", library.library, name="library"),
    path("clips/selected/", selection.selected, name="library_selected"),
    path("clips/selected/undo/<str:token>/", selection.undo, name="library_undo"),
    path("clips/<uuid:pk>/", clip.clip, name="clip"),
    path("clips/<uuid:pk>/card/", clip.card, name="card"),
    path("clips/<uuid:pk>/play/", clip.play, name="play"),
    path("clips/<uuid:pk>/download/", clip.download, name="download"),
    path("clips/<uuid:pk>/rename/", clip.rename, name="rename"),
    path("clips/<uuid:pk>/retry/", clip.retry, name="retry"),
    path("clips/<uuid:pk>/vary/", clip.vary, name="vary"),
    path("clips/<uuid:pk>/effects/", effects.over_clip, name="effects"),
    path("clips/<uuid:pk>/delete/", clip.delete, name="delete"),
    path("clips/<uuid:pk>/restore/", clip.restore, name="restore"),
]
