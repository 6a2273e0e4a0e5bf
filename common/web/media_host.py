"""The second host of the site, which serves media without cookies and never runs scripts."""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.http.request import split_domain_port

FOLDERS = ("/media/", "/p/")  # signed files, files of published works
MEDIA_POLICY = "default-src 'none'; sandbox; media-src 'self'; img-src 'self'"


class MediaHost:
    """Serves only signed and published files on the media host and redirects everything else to the site."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_media_host(request.META.get("HTTP_HOST", "")):
            return self.get_response(request)
        response = self._respond(request)
        response.cookies.clear()
        response.headers["Content-Security-Policy"] = MEDIA_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def _respond(self, request):
        if not request.path.startswith(FOLDERS):
            return HttpResponseRedirect(f"{settings.SITE_URL}/{request.get_full_path().lstrip('/')}")
        request.urlconf = settings.MEDIA_URLCONF
        request.COOKIES = {}
        return self.get_response(request)


def is_media_request(request) -> bool:
    """Return whether the request, which has passed MediaHost, is for a file."""
    return getattr(request, "urlconf", None) == settings.MEDIA_URLCONF


def is_media_host(host: str) -> bool:
    """Return whether the host is the media host: by name, or by name and port if the site has the same name."""
    (name, _), (media_name, _) = split_domain_port(host), split_domain_port(settings.MEDIA_HOST)
    if media_name == settings.SITE.hostname:
        return host.lower() == settings.MEDIA_HOST.lower()
    return name == media_name
