"""The addresses to which payment providers send events. An event is stored; a worker applies it.

Each answers in the words of its provider, which sends an event again until it gets them.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.billing.payments import events, worker
from accounts.billing.payments.access import with_provider
from accounts.billing.payments.providers.base import Forged
from accounts.billing.payments.providers.registry import get_provider

MAX_BYTES = 256 * 1024


@csrf_exempt
@login_not_required
@require_POST
@with_provider("stripe")
def receive_stripe(request):
    return HttpResponse(status=take_event(request, "stripe"))


@csrf_exempt
@login_not_required
@require_POST
@with_provider("wechat")
def receive_wechat(request):
    """Answer 204 without a body, or why not (https://pay.weixin.qq.com/doc/v3/merchant/4012791882)."""
    status = take_event(request, "wechat")
    if status == 200:
        return HttpResponse(status=204)
    return JsonResponse({"code": "FAIL", "message": "signature" if status == 401 else "size"}, status=status)


@csrf_exempt
@login_not_required
@require_POST
@with_provider("alipay")
def receive_alipay(request):
    """Answer the word "success", or "fail" (https://opendocs.alipay.com/open/270/105902)."""
    status = take_event(request, "alipay")
    return HttpResponse("success" if status == 200 else "fail", status=status, content_type="text/plain")


def take_event(request, provider: str) -> int:
    """Store an event and let a worker apply it. Returns the status of the answer: 401 for one that is not signed by the
    provider, 413 for a body that is too large."""
    body = request.body
    if len(body) > MAX_BYTES:
        return 413
    try:
        event = get_provider(provider).read_event(body, request.headers)
    except Forged:
        return 401
    if events.store_event(provider, event, body):
        worker.run_soon(worker.APPLY)
    return 200
