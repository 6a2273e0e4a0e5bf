from django.urls import path

from accounts.teams import enter_views

app_name = "teams"
urlpatterns = [
    path("workspaces/<uuid:pk>/enter/", enter_views.enter, name="enter"),
    path("workspaces/", enter_views.enter, name="workspaces"),
    path("workspaces/new/", enter_views.enter, name="new"),
    path("workspaces/<uuid:pk>/members/", enter_views.enter, name="members"),
    path("workspaces/<uuid:pk>/settings/", enter_views.enter, name="settings"),
]
