"""Callbacks of providers. They make a poll due, or name the task of a lost response; nothing else is trusted."""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.billing.limits import consume_rate
from generation.providers.remote import Forged
from generation.providers.webhooks import receive as webhooks

LIMIT = 256 * 1024


@csrf_exempt
@login_not_required
@require_POST
def webhook(request, provider, token):
    """Accept a callback. Returns 404 for an unknown address, 401 for a wrong signature, 413 for a body that is too
    large, 429 for too many callbacks of one connection, since polling finds the same results."""
    connection = webhooks.find_connection(provider, token)
    if connection is None:
        return HttpResponse(status=404)
    if not consume_rate(request, "webhook", key=str(connection.pk)):
        return HttpResponse(status=429)  # the connection's owner knows the address and could flood it
    body = request.body
    if len(body) > LIMIT:
        return HttpResponse(status=413)
    try:
        event = webhooks.read_event(connection, request.headers, request.GET, body)
    except Forged:
        return HttpResponse(status=401)
    if (challenge := webhooks.answer_challenge(connection, body)) is not None:
        return JsonResponse(challenge)
    webhooks.store_event(connection, event, hashlib.sha256(body).hexdigest())
    if receipt := webhooks.find_response(connection):
        return HttpResponse(receipt, content_type="text/plain")
    return HttpResponse(status=204)
