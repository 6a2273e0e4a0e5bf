from django.urls import path

from gallery.people import settings_views, views

urlpatterns = [
    path("@<str:handle>/", views.profile, name="profile"),
    path("@<str:handle>/templates/", views.profile, {"tab": "templates"}, name="profile_templates"),
    path("@<str:handle>/follow/", views.follow, name="follow"),
    path("@<str:handle>/mute/", views.mute, name="mute"),
    path("@<str:handle>/block/", views.block, name="block"),
    path("following/", views.following, name="following"),
    path("settings/gallery/", settings_views.gallery_settings, name="settings"),
    path("settings/gallery/mature/", settings_views.mature, name="mature_choice"),
]
