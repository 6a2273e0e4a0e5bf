"""The gallery's part of the settings: the public profile, mature works, muted and blocked people."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gallery.access import describe_ban, find_ban, gallery_member_page
from gallery.models import Ban, Profile, ViewerSettings
from gallery.people import services
from gallery.people.forms import ProfileForm, ViewerForm, build_profile_initial
from gallery.people.relationships import list_blocks


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_member_page
def gallery_settings(request):
    """Show and change the profile of the user's workspace."""
    profile = Profile.objects.filter(workspace=request.workspace.pk).first()
    form = ProfileForm(request.POST or None, initial=build_profile_initial(profile, request.user))
    if request.method == "POST" and form.is_valid() and _save(request, profile, form):
        messages.success(request, _("Saved."))
        return redirect("gallery:settings")
    return _render_page(request, profile, form, status=422 if form.errors else 200)


def _save(request, profile: Profile | None, form) -> bool:
    """Save the profile. If its handle is refused, or a ban forbids new words, add the reason to the form and return
    False."""
    values = form.cleaned_data
    shown = {profile.bio, *profile.links} if profile else set()
    has_new_words = bool({values["bio"], *values["links"]} - shown - {""})
    if has_new_words and (ban := find_ban(request.workspace, Ban.Scope.PUBLISH)):
        form.add_error(None, describe_ban(ban))
        return False
    try:
        services.save_profile(
            workspace=request.workspace,
            by=request.user,
            handle=values["handle"],
            bio=values["bio"],
            links=values["links"],
            defaults={"visibility": values["visibility"], "licence": values["licence"]},
        )
    except services.HandleRefused as refusal:
        form.add_error("handle", str(refusal))
        return False
    return True


def _render_page(request, profile, form, status: int):
    context = {
        "form": form,
        "profile": profile,
        "next_change": profile and services.next_change(profile),
        "blocks": list_blocks(request.user),
        "viewer_form": ViewerForm(instance=_get_viewer_settings(request.user)) if settings.GALLERY_MATURE else None,
    }
    return render(request, "gallery/settings.html", context, status=status)


@require_POST
@gallery_member_page
def mature(request):
    """Set whether mature works are listed for the user, where the site allows such works."""
    if not settings.GALLERY_MATURE:
        raise Http404
    form = ViewerForm(request.POST, instance=_get_viewer_settings(request.user))
    if not form.is_valid():
        profile = Profile.objects.filter(workspace=request.workspace.pk).first()
        initial = build_profile_initial(profile, request.user)
        return _render_page(request, profile, ProfileForm(initial=initial), status=422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("gallery:settings")


def _get_viewer_settings(user) -> ViewerSettings:
    return ViewerSettings.objects.filter(user=user).first() or ViewerSettings(user=user)
