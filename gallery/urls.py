from django.urls import include, path

app_name = "gallery"
urlpatterns = [
    path("", include("gallery.explore.urls")),
]
