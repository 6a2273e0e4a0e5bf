"""ASGI application: pages over HTTP, live updates over WebSocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware
from django.conf import settings

from config import env

env.IS_WEB_SERVER = True  # before the next line reads the settings
django.setup(set_prefix=False)

from common.web.asgi import SyncASGIHandler  # noqa: E402
from common.web.body_limit import LimitBody  # noqa: E402
from common.web.body_spool import store_bodies  # noqa: E402
from jobs.live.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        # Django spools a body to disk before any middleware runs, and daphne before it calls any application. So the
        # limit wraps Django, and importing this module replaces the request class of daphne, however it is started.
        "http": store_bodies(LimitBody(SyncASGIHandler())),
        # The consumer looks up its viewer itself, repeatedly: only the cookies are read here.
        "websocket": OriginValidator(CookieMiddleware(URLRouter(websocket_urlpatterns)), settings.WEBSOCKET_ORIGINS),
    }
)
