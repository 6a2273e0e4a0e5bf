"""Live updates of pages without a WebSocket."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from common.live.topics import parse_topics
from jobs.live.messages import describe_changes


@require_safe
@login_not_required
def live(request):
    """Say what changed of the page's ``?topics=``, with the messages that a WebSocket would bring."""
    if not request.workspace:
        return HttpResponse(status=204)
    messages = describe_changes(parse_topics(request.GET.get("topics", "")), request.viewer)
    return HttpResponse(f"[{','.join(messages)}]", content_type="application/json")
