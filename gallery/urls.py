"""URLs of the gallery. Readers' addresses hold codes, handles and tokens; only authors' own pages hold ids of rows."""

from django.urls import include, path

app_name = "gallery"
urlpatterns = [
    path("", include("gallery.publishing.urls")),
    path("", include("gallery.people.urls")),
    path("", include("gallery.reactions.urls")),
    path("", include("gallery.explore.urls")),
    path("", include("gallery.sharing.urls")),
    path("", include("gallery.moderation.urls")),
    path("", include("gallery.remix.urls")),
]
