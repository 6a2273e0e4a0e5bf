"""Settings of password, second factors, passkeys and sessions."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit


@require_safe
def security(request):
    kinds = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sessions": len(UserSession.objects.purge_and_list(request.user)),
        "needs_factor": request.user.is_staff and not settings.IS_EMBEDDED and not kinds,
    }
    return render(request, "accounts/security.html", context)


@require_POST
def end_session(request, pk):
    """Sign out another device of the user."""
    session = UserSession.objects.filter(user=request.user, pk=pk).first()
    if session is None:
        raise Http404
    session.end()
    audit.record(by=request.user, verb="sessions.ended")
    messages.success(request, _("This device was signed out."))
    return redirect("usersessions_list")
