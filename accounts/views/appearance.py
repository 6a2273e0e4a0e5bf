"""Settings of language, theme and keyboard shortcuts."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AppearanceForm, ThemeForm
from accounts.middleware import get_return_path, is_local_path
from accounts.models import User
from common.web.htmx import redirect_to

YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request):
    request.user.language = request.user.language or get_language()
    form = AppearanceForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        with override(request.user.language):
            messages.success(request, _("Saved."))
        response = redirect("accounts:appearance")
        set_cookie(response, settings.LANGUAGE_COOKIE_NAME, request.user.language)
        set_cookie(response, "theme", request.user.theme)
        return response
    return render(request, "accounts/appearance.html", {"form": form}, status=422 if form.errors else 200)


@csrf_exempt
@require_POST
@login_not_required
def theme(request):
    """Set the theme from any page, also before sign-in, and return to that page.

    Pages that shared caches keep have no CSRF token, and another site could change no more than the theme.
    """
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("This theme does not exist."), content_type="text/plain; charset=utf-8")
    chosen = form.cleaned_data["theme"]
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    path = request.POST.get("next", "")
    if not is_local_path(path):
        path = get_return_path(request)
    response = redirect_to(request, path or "/")
    set_cookie(response, "theme", chosen)
    return response


def set_cookie(response, name: str, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
