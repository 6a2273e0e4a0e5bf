from django.urls import path

from gallery.remix import template_views, views

urlpatterns = [
    path("w/<str:code>/remix/", views.remix, name="remix"),
    path("u/<str:token>/remix/", views.remix, name="unlisted_remix"),
    path("remix/frames/<uuid:pk>/", views.remix_frame, name="remix_frame"),
    path("templates/", template_views.library, name="templates"),
    path("templates/prompt/", template_views.share_prompt, name="share_prompt"),
    path("templates/<slug:key>/", template_views.shipped_template, name="shipped_template"),
    path("w/<str:code>/use/", template_views.public_template, name="public_template"),
    path("u/<str:token>/use/", template_views.public_template, name="unlisted_template"),
    path("stories/templates/<uuid:pk>/", template_views.own_template, name="own_template"),
    path("stories/templates/<uuid:pk>/delete/", template_views.delete_template, name="delete_template"),
    path("stories/<uuid:pk>/template/", template_views.save_story, name="save_template"),
]
