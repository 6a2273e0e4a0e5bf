from django.urls import path

from gallery.explore import views

urlpatterns = [
    path("explore/", views.explore, name="explore"),
    path("explore/tags/<str:tag>/", views.tag, name="tag"),
]
