"""Admin page for the overrides of a provider, with the declared value and its effect on money beside each field."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.admin import models
from generation.admin.override_form import LABELS, ProviderOverrideForm
from generation.providers.connections import override_services
from generation.providers.models import ProviderOverride
from generation.providers.registry import providers
from jobs import registry

GROUPS = (
    (gettext_lazy("Billing"), ("is_busy_refusal", "billing")),
    (gettext_lazy("Deadline"), ("deadline_minutes",)),
    (gettext_lazy("Limits"), ("concurrency", "per_minute")),
)


def remote_provider(slug: str):
    """Return the provider, or None if it is not installed or runs on this machine (nothing to override)."""
    engine = providers().get(slug)
    return None if engine is None or engine.is_local else engine


@admin.register(ProviderOverride)
class ProviderOverrideAdmin(admin.ModelAdmin):
    list_display = ("provider_label", "overridden", "source", "changed_at")
    ordering = ("provider",)

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def provider_label(self, row):
        return registry.provider_label(row.provider)

    @admin.display(description=gettext_lazy("overridden"))
    def overridden(self, row):
        given = [str(label) for name, label in LABELS.items() if getattr(row, name) not in (None, "")]
        return "; ".join(given) or "–"

    def get_form(self, request, obj=None, change=False, **kwargs):
        provider = obj.provider if obj else request.GET.get("provider", "")
        attributes = {"provider": provider, "engine": remote_provider(provider)}
        form = type("OneProviderForm", (ProviderOverrideForm,), attributes)
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request, obj=None):
        engine = remote_provider(obj.provider if obj else request.GET.get("provider", ""))
        if engine is None:
            return [(None, {"fields": ["source"]})]
        first = {"fields": ["source"], "description": self._introduction(engine)}
        return [(str(engine.label), first), *((title, {"fields": names}) for title, names in GROUPS)]

    def _introduction(self, engine):
        text = _(
            "Adapters declare what the provider’s documentation says, or the careful value. An empty field keeps the "
            "declared value. A change takes effect within seconds, also for clips in progress."
        )
        has_notes = engine.slug in dict(models.list_editable_providers())
        return format_html("<p>{}</p>{}", text, models.render_notes(engine.slug) if has_notes else "")

    def has_change_permission(self, request, obj=None):
        is_installed = obj is None or remote_provider(obj.provider) is not None
        return is_installed and super().has_change_permission(request, obj)

    def add_view(self, request, form_url="", extra_context=None):
        """Redirect to the provider's row if there is one, or to the list if the URL names no remote provider."""
        slug = request.GET.get("provider", "")
        existing = ProviderOverride.objects.filter(provider=slug).first()
        if existing:
            return HttpResponseRedirect(reverse("admin:generation_provideroverride_change", args=[existing.pk]))
        if remote_provider(slug) is None:
            self.message_user(request, _("Choose one of the providers below."), messages.INFO)
            return HttpResponseRedirect(reverse("admin:generation_provideroverride_changelist"))
        return super().add_view(request, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        engines = [engine for engine in providers().values() if not engine.is_local]
        return super().changelist_view(request, {"engines": engines, **(extra_context or {})})

    def save_model(self, request, obj, form, change):
        if not change:
            obj.provider = form.provider
        override_services.save_override(obj, by=request.user, fields=sorted(form.changed_data))

    def delete_model(self, request, obj):
        override_services.delete_override(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            override_services.delete_override(row, by=request.user)
