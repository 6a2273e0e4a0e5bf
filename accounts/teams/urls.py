from django.urls import path

from accounts.teams import enter_views

app_name = "teams"
urlpatterns = [
    path("workspaces/<uuid:pk>/enter/", enter_views.enter, name="enter"),
]
