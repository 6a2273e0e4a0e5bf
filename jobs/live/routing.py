from django.urls import path

from jobs.live.consumers import JobConsumer

websocket_urlpatterns = [path("ws/jobs/", JobConsumer.as_asgi())]
