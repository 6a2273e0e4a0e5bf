"""What an operator knows better of a provider than its adapter declares: beside each fact what is declared, what is
uncertain of it, and what it means for money."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.admin import models, override_wire
from generation.admin.override_form import LABELS, MannersForm, facts_of
from generation.providers.connections import override_services
from generation.providers.models import ProviderManners
from generation.providers.registry import providers
from jobs import registry

GROUPS = (
    (gettext_lazy("Billing"), ("busy_never_creates", "billing", "can_be_found", "absence_is_proof")),
    (gettext_lazy("Deadline"), ("deadline_minutes", "misses")),
    (gettext_lazy("How often it is asked"), ("first_look", "look_every", "look_at_most_every")),
    (gettext_lazy("Limits"), ("concurrency", "per_minute")),
    (gettext_lazy("Key test"), ("good_key",)),
)


def engine_of(slug: str):
    """None for one that this install does not have, or that draws on this machine and so has no such ways."""
    engine = providers().get(slug)
    return None if engine is None or engine.is_local else engine


@admin.register(ProviderManners)
class ProviderMannersAdmin(admin.ModelAdmin):
    list_display = ("maker", "told", "source", "changed_at")
    ordering = ("provider",)

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def maker(self, row):
        return registry.provider_label(row.provider)

    @admin.display(description=gettext_lazy("overridden"))
    def told(self, row):
        given = [str(label) for name, label in LABELS.items() if getattr(row, name) not in (None, "")]
        engine = engine_of(row.provider)
        given += [str(way.label) for way in (engine.ways if engine else ()) if row.ways.get(way.name)]
        given += [_("status words")] if row.status_words else []
        return "; ".join(given) or "–"

    def get_form(self, request, obj=None, change=False, **more):
        provider = obj.provider if obj else request.GET.get("provider", "")
        engine = engine_of(provider)
        asked = override_wire.way_fields(engine) if engine else {}
        form = type("OfOne", (MannersForm,), {"provider": provider, "engine": engine, **asked})
        return super().get_form(request, obj, change, form=form, **more)

    def get_fieldsets(self, request, obj=None):
        engine = engine_of(obj.provider if obj else request.GET.get("provider", ""))
        if engine is None:
            return [(None, {"fields": ["source"]})]
        names = facts_of(engine)
        groups = [(title, [name for name in group if name in names]) for title, group in GROUPS]
        ways = override_wire.way_fields(engine)
        is_asked = obj is None or self.has_change_permission(request, obj)  # who only looks reads the column
        groups.append((_("Forms on the wire"), list(ways) if is_asked else ["ways"] * bool(ways)))
        groups.append((_("Status words"), ["status_words"] if engine.stages else []))
        kept = override_wire.forgotten(engine, obj.ways if obj else {})
        first = {"fields": ["source"], "description": self._about(engine) + kept}
        return [(str(engine.label), first), *((title, {"fields": group}) for title, group in groups if group)]

    def _about(self, engine):
        words = _(
            "Nobody has tried these facts with a real account: they are from the provider's pages, from hearsay or "
            "from memory, as it says beside them; where it says nothing, the studio chose with care. An empty field "
            "leaves what is declared. What you say here is in effect within seconds, also for what is being made."
        )
        has_notes = engine.slug in dict(models.with_sheet())
        return format_html("<p>{}</p>{}", words, models.notes(engine.slug) if has_notes else "")

    def has_change_permission(self, request, obj=None):
        is_known = obj is None or engine_of(obj.provider) is not None
        return is_known and super().has_change_permission(request, obj)

    def add_view(self, request, form_url="", extra_context=None):
        """Of one provider, once: the list has a link for each."""
        slug = request.GET.get("provider", "")
        held = ProviderManners.objects.filter(provider=slug).first()
        if held:
            return HttpResponseRedirect(reverse("admin:generation_providermanners_change", args=[held.pk]))
        if engine_of(slug) is None:
            self.message_user(request, _("Choose one of the providers below."), messages.INFO)
            return HttpResponseRedirect(reverse("admin:generation_providermanners_changelist"))
        return super().add_view(request, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        engines = [engine for engine in providers().values() if not engine.is_local]
        return super().changelist_view(request, {"engines": engines, **(extra_context or {})})

    def save_model(self, request, obj, form, change):
        if not change:
            obj.provider = form.provider
        override_services.keep(obj, by=request.user, fields=form.changed_facts)

    def delete_model(self, request, obj):
        override_services.drop(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            override_services.drop(row, by=request.user)
