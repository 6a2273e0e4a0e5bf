"""Admin pages of the site's connections. Keys are write-only."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import get_home
from generation.providers.connections import health as connection_health
from generation.providers.connections import keys, test_job
from generation.providers.connections import services as connection_services
from generation.providers.connections.forms import COLUMNS, ConnectionForm
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers
from jobs import registry
from jobs.admin import PROVIDER_FILTER

PLAIN_COLUMNS = ("label", "default_model", "default_style", "concurrency", "per_minute")


def list_remote_providers() -> list[tuple[str, str]]:
    return [(slug, str(engine.label)) for slug, engine in connectable_providers().items() if not engine.is_local]


class NewConnectionForm(forms.ModelForm):
    """First step: choose the provider. Its fields follow on the next page."""

    provider = forms.ChoiceField(label=gettext_lazy("Provider"), choices=list_remote_providers)

    class Meta:
        model = Connection
        fields = ["provider"]


class SiteConnectionForm(ConnectionForm):
    """The connection form as a ModelForm for the admin, where private addresses may be allowed."""

    _meta = NewConnectionForm._meta
    allows_private = forms.BooleanField(
        label=gettext_lazy("Allow private network addresses"),
        required=False,
        help_text=gettext_lazy(
            "For ComfyUI and other servers in your own network. Files are also fetched from the addresses it returns."
        ),
    )
    is_enabled = forms.BooleanField(label=gettext_lazy("Enabled"), required=False)
    is_default = forms.BooleanField(label=gettext_lazy("Default on Create"), required=False)

    def __init__(self, data=None, files=None, *, instance, **more):
        self.instance = instance
        super().__init__(
            data,
            engine=connectable_providers()[instance.provider],
            connection=instance,
            mask=keys.mask_keys([instance])[instance.pk],
            allows_private=bool(data and data.get("allows_private")),
            initial={name: getattr(instance, name) for name in ("allows_private", "is_enabled", "is_default")},
            **{name: value for name, value in more.items() if name in ("prefix", "auto_id")},
        )
        self.fields["base_url"].widget.attrs |= {"size": 50}
        if instance.environment:
            for name in set(self.fields) - {*PLAIN_COLUMNS, "is_enabled", "is_default"}:
                del self.fields[name]

    def clean(self):
        """Check nothing if the values come from environment variables, which cannot be changed here."""
        return self.cleaned_data if self.instance.environment else super().clean()

    def columns(self) -> dict:
        if self.instance.environment:
            return {name: self.cleaned_data[name] for name in PLAIN_COLUMNS}
        return super().columns()

    def save(self, commit=True):
        return self.instance

    def save_m2m(self):
        """Do nothing: a connection has no many-to-many fields."""


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    list_display = (
        "label",
        "provider_label",
        "health",
        "is_enabled",
        "is_default",
        "key_storage",
        "checked_at",
        "problem",
    )
    list_filter = (PROVIDER_FILTER, "health", "is_enabled")
    search_fields = ("label", "provider")
    readonly_fields = ("provider_label", "key_storage", "health", "problem", "paused_until", "checked_at", "created_at")
    actions = ("test",)

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def provider_label(self, obj) -> str:
        return registry.provider_label(obj.provider)

    @admin.display(description=gettext_lazy("Problem"))
    def problem(self, obj) -> str:
        return connection_health.describe(obj) or "–"

    @admin.display(description=gettext_lazy("Keys stored in"), ordering="environment")
    def key_storage(self, obj) -> str:
        return _("environment variables") if obj.environment else _("the database, encrypted")

    def get_queryset(self, request):
        """Return the site's connections only: those of users and workspaces are private."""
        return super().get_queryset(request).filter(owner=None, workspace=None, deleted_at=None)

    def get_form(self, request, obj=None, change=False, **more):
        return SiteConnectionForm if obj else NewConnectionForm

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["provider"]})]
        if obj.provider not in connectable_providers():
            return [(None, {"fields": list(self.readonly_fields)})]
        if not self.has_change_permission(request, obj):  # read-only pages can only show columns
            columns = ("label", *self.readonly_fields, *COLUMNS, "allows_private", "is_enabled", "is_default")
            return [(None, {"fields": columns, "description": self._describe_keys(obj)})]
        names = list(SiteConnectionForm(instance=obj).fields)
        collapsed = [name for name in (*COLUMNS, "allows_private", "headers", "forget_headers") if name in names]
        first = [name for name in names if name not in collapsed]
        return [
            (None, {"fields": [*first, *self.readonly_fields], "description": self._describe_keys(obj)}),
            (_("Address, limits and defaults"), {"fields": collapsed}),
        ]

    def _describe_keys(self, obj) -> str:
        if obj.environment:
            return _("The keys and the address come from environment variables and can only be changed there.")
        return _("Keys are encrypted at rest and never displayed again. Leave a field empty to keep its value.")

    def has_change_permission(self, request, obj=None):
        is_known = obj is None or obj.provider in connectable_providers()
        return is_known and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        """Return whether the connection may be deleted: one from environment variables would be created again."""
        return not (obj and obj.environment) and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if not change:
            label = str(connectable_providers()[obj.provider].label)
            obj.pk = connection_services.add_connection(by=request.user, provider=obj.provider, label=label).pk
            obj.refresh_from_db()
            return
        values = form.cleaned_data
        editable = {}
        if not obj.environment:
            editable = {
                "secret": form.secret(),
                "forget": form.forgotten(),
                "allows_private": values["allows_private"],
            }
        try:
            connection_services.change_connection(obj, by=request.user, **editable, **form.columns())
        except connection_services.ConnectionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        connection_services.set_enabled(obj, by=request.user, on=values["is_enabled"])
        if values["is_default"] != obj.is_default:
            connection_services.set_default(obj, by=request.user, on=values["is_default"])

    def response_add(self, request, obj, post_url_continue=None):
        """Redirect to the fields of the new connection."""
        return HttpResponseRedirect(reverse("admin:generation_connection_change", args=[obj.pk]))

    def delete_model(self, request, obj):
        connection_services.delete_connection(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for connection in queryset.exclude(environment=True):
            connection_services.delete_connection(connection, by=request.user)

    @admin.action(description=gettext_lazy("Test"), permissions=["change"])
    def test(self, request, queryset):
        for connection in queryset:
            test_job.start_test(connection, by=request.user, workspace=get_home(request.user))
        self.message_user(request, _("The test is running. Reload in a moment."))
