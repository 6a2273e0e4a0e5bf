"""Count plays without tracking: what tells two viewers apart is kept in the cache only, until the day ends."""

import hashlib
import hmac
import re

from django.core.cache import cache
from django.db.models import F
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.billing.limits import consume_rate
from accounts.sign_in.login_throttle import find_network
from common.cache import ask
from gallery.access import gallery_page, works_to_open
from gallery.models import Work
from gallery.reactions.networks import get_salt, seconds_until_midnight
from gallery.works.score import update_score

BOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|headless|facebookexternalhit|embedly|curl|wget|python|java/|go-http|okhttp"
    r"|httpclient|libwww|scrapy|monitor|lighthouse",
    re.IGNORECASE,
)
FAMILIES = re.compile(r"(Firefox|Edg|OPR|SamsungBrowser|Chrome|Safari)\w*/")


@require_POST
@csrf_exempt
@gallery_page
def count_play(request, code):
    """Count a play of a public work. 204 whether or not it counted, 404 for other works, 429 above the rate.

    No play counts while the cache is away.
    A beacon of a visitor has no CSRF token; the request only raises a number.
    """
    work = works_to_open(request.viewer).public().filter(code=code).first()
    if work is None:
        raise Http404
    if not consume_rate(request, "play"):
        return HttpResponse(status=429)
    if _counts(request, work) and ask(lambda: _is_first_today(request, work), default=False):
        update_score(work, play_count=F("play_count") + 1)
    return HttpResponse(status=204)


def _counts(request, work: Work) -> bool:
    """Return whether the viewer is a person who may be counted, and no member of the work's workspace."""
    agent = request.headers.get("User-Agent", "")
    if not agent or BOT.search(agent) or request.headers.get("Sec-GPC") == "1":
        return False
    return work.workspace_id not in request.viewer.workspace_ids


def _is_first_today(request, work: Work) -> bool:
    """Note in the cache that this network and browser played the work today. Returns False if it is noted already."""
    if not (network := find_network(request)):
        return False
    family = FAMILIES.search(request.headers.get("User-Agent", ""))
    facts = f"{work.code} {network} {family[1] if family else ''}"
    seconds = seconds_until_midnight()
    digest = hmac.new(get_salt(seconds), facts.encode(), hashlib.sha256).hexdigest()
    return cache.add(f"gallery-play:{digest}", 1, timeout=seconds)
