from django.urls import path

from gallery.publishing import views, work_views

urlpatterns = [
    path("w/<str:code>/", work_views.work, name="work"),
    path("w/<str:code>/captions.vtt", work_views.captions, name="captions"),
    path("u/<str:token>/", work_views.unlisted, name="unlisted"),
    path("u/<str:token>/captions.vtt", work_views.unlisted_captions, name="unlisted_captions"),
    path("clips/<uuid:pk>/publish/", views.publish_clip, name="publish_clip"),
    path("stories/films/<uuid:pk>/publish/", views.publish_film, name="publish_film"),
    path("stories/templates/<uuid:pk>/publish/", views.publish_template, name="publish_template"),
]
