"""URLs of the second origin: signed files and nothing else."""

from django.urls import path

from generation.views.media import signed_file

urlpatterns = [path("media/<str:signed>/", signed_file, name="signed-file")]
handler400 = handler403 = handler404 = "common.web.errors.plain_not_found"
handler500 = "common.web.errors.plain_server_error"
