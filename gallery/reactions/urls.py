from django.urls import path

from gallery.reactions import playlist_views, views

# A work has two addresses, and its reactions are below both: /w/<code>/ if it is public, /u/<token>/ if it is unlisted.
urlpatterns = [
    path("w/<str:code>/like/", views.like, name="like"),
    path("u/<str:token>/like/", views.like, name="unlisted_like"),
    path("w/<str:code>/save/", views.save, name="save"),
    path("u/<str:token>/save/", views.save, name="unlisted_save"),
    path("w/<str:code>/comments/", views.work_comments, name="comments"),
    path("u/<str:token>/comments/", views.work_comments, name="unlisted_comments"),
    path("w/<str:code>/comments/<str:comment_code>/", views.comment, name="comment"),
    path("u/<str:token>/comments/<str:comment_code>/", views.comment, name="unlisted_comment"),
    path("w/<str:code>/comments/<str:comment_code>/remove/", views.remove_comment, name="remove_comment"),
    path("u/<str:token>/comments/<str:comment_code>/remove/", views.remove_comment, name="unlisted_remove_comment"),
    path("@<str:handle>/playlists/", playlist_views.public_playlists, name="profile_playlists"),
    path("playlists/", playlist_views.own_playlists, name="playlists"),
    path("playlists/create/", playlist_views.create, name="create_playlist"),
    path("playlists/<str:code>/", playlist_views.playlist, name="playlist"),
    path("playlists/<str:code>/change/", playlist_views.change, name="change_playlist"),
    path("playlists/<str:code>/delete/", playlist_views.delete, name="delete_playlist"),
    path("playlists/<str:code>/order/", playlist_views.order, name="order_playlist"),
    path("playlists/<str:code>/<str:work_code>/remove/", playlist_views.remove, name="remove_from_playlist"),
    path("playlists/<str:code>/<str:work_code>/move/", playlist_views.move, name="move_in_playlist"),
]
