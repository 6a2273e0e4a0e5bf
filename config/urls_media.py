"""URLs of the second origin: signed files and files of published works, and nothing else."""

from django.urls import path

from gallery.publishing.media_views import published_file
from generation.views.media import signed_file

urlpatterns = [
    path("media/<str:signed>/", signed_file, name="signed-file"),
    path("p/<str:key>/<int:revision>/<str:name>", published_file, name="published-file"),
]
handler400 = handler403 = handler404 = "common.web.errors.plain_not_found"
handler500 = "common.web.errors.plain_server_error"
