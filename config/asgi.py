"""The server's door: pages over HTTP, live hints over WebSocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application

from config import env

env.SERVES_PAGES = True  # now, since this reads the settings
django_app = get_asgi_application()

from common.web.body_limit import LimitBody  # noqa: E402
from common.web.body_spool import spool_bodies  # noqa: E402
from jobs.live.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        # Django spools a body to disk before any middleware runs, so the limit stands in front of it; and daphne before
        # it calls any application, so a door stands in front of that. However it is started, it imports this module.
        "http": spool_bodies(LimitBody(django_app)),
        # The consumer looks its viewer up itself, again and again: only the cookies are read here.
        "websocket": OriginValidator(CookieMiddleware(URLRouter(websocket_urlpatterns)), settings.WEBSOCKET_ORIGINS),
    }
)
