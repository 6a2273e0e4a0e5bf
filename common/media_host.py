"""Two hosts on one port: the site's own, and one for media that holds no cookies and runs nothing."""

from django.conf import settings
from django.http import HttpResponseRedirect

MEDIA_POLICY = "default-src 'none'; sandbox; media-src 'self'; img-src 'self'"


class MediaHost:
    """On the media host only signed files exist; a person who opened it by hand is sent to the site."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.META.get("HTTP_HOST", "") != settings.MEDIA_HOST:
            return self.get_response(request)
        if not request.path.startswith("/media/") and request.path != "/healthz/":
            return HttpResponseRedirect(settings.SITE_URL + request.path)
        request.urlconf = settings.MEDIA_URLCONF if request.path.startswith("/media/") else settings.ROOT_URLCONF
        request.COOKIES = {}
        response = self.get_response(request)
        response.cookies.clear()
        response.headers["Content-Security-Policy"] = MEDIA_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
