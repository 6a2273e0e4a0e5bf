"""URLs of the gallery. Readers' addresses hold codes, handles and tokens; only authors' own pages hold ids of rows."""

from django.urls import include, path

app_name = "gallery"
urlpatterns = [
    path("", include("gallery.publishing.urls")),
    # people
    # reactions
    path("", include("gallery.explore.urls")),
    # sharing
    # remix
    # moderation
]
