"""Lists for operators. Money and audit events are read-only; users close their accounts themselves."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts import audit, services, staff_roles
from accounts.access import has_any_right
from accounts.billing.models import Entry, ExchangeRate, Grant, Hold, Pack, Wallet, movement_label
from accounts.billing.money import money
from accounts.models import AuditEvent, Membership, User, Workspace
from common.admin_filters import label_filter

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.has_permission = lambda request: has_any_right(request.user)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = _("Tapwari")
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)  # adding a verified address to a user would allow signing in as them


class ReadOnly:
    """Rows that are listed and searched but never written."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class Memberships(ReadOnly, admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "is_superuser", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "name"]
    ordering = ["-date_joined"]
    fields = ["email", "name", "is_active", "is_staff", "role_names", "date_joined", "last_login", "closing_at"]
    readonly_fields = ["email", "name", "is_staff", "role_names", "date_joined", "last_login", "closing_at"]
    inlines = [Memberships]
    actions = ["reset_factors"]

    @admin.action(description=_("Remove their two-factor authentication and sign them out"), permissions=["change"])
    def reset_factors(self, request, users):
        for user in [user for user in users if self.has_change_permission(request, user)]:
            services.reset_factors(user, by=request.user)
        self.message_user(request, _("Done. They need to set up two-factor authentication again after signing in."))

    def has_add_permission(self, request):
        """Users sign up themselves; the first operator may come from ``createsuperuser``."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        """Only a superuser may change the rights or the second factor of a superuser."""
        is_protected = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_protected and super().has_change_permission(request, obj)

    @admin.display(description=_("Roles"))
    def role_names(self, user):
        """Return the roles, which are given and taken on the operators' page of people."""
        return ", ".join(str(role.label) for role in staff_roles.list_roles(user)) or "–"

    def save_model(self, request, obj, form, change):
        if obj.is_active and obj.closing_at:
            self._reopen(request, obj)
        super().save_model(request, obj, form, change)
        audit.record(by=request.user, verb="user.changed", target=obj, fields=sorted(form.changed_data))

    def _reopen(self, request, user):
        """Cancel the erasure of a user who was set active, or keep them inactive if it has begun."""
        try:
            services.reopen_account(user, by=request.user)
        except services.ErasureBegun as error:
            user.is_active = False
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _("The account is open again. Its erasure was cancelled before it started."))


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "kind", "created_at"]
    list_filter = ["kind"]
    search_fields = ["name", "users__email"]
    inlines = [Memberships]


class BillingOnly(admin.ModelAdmin):
    """Money of the site, which the admin neither lists nor opens without billing."""

    def has_module_permission(self, request):
        return settings.BILLING and super().has_module_permission(request)

    def has_view_permission(self, request, obj=None):
        return settings.BILLING and super().has_view_permission(request, obj)

    def has_add_permission(self, request):
        return settings.BILLING and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return settings.BILLING and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return settings.BILLING and super().has_delete_permission(request, obj)


class Grants(ReadOnly, admin.TabularInline):
    model = Grant
    extra = 0
    fields = ["source", "key", "amount", "left", "expired", "taken_back", "ends_at", "reason"]


class Holds(ReadOnly, admin.TabularInline):
    model = Hold
    extra = 0
    fields = ["job_id", "amount", "price", "price_currency", "rate", "rated_on", "state", "charged", "written_off"]


@admin.register(Wallet)
class WalletAdmin(ReadOnly, BillingOnly):
    list_display = ["workspace", "kind", "currency", "is_unlimited", "available_money", "reserved_money", "spent_money"]
    list_filter = ["kind", "currency", "is_unlimited"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name"]
    inlines = [Grants, Holds]

    @admin.display(description=_("available"), ordering="available")
    def available_money(self, wallet):
        return money(wallet.available, wallet.currency)

    @admin.display(description=_("on hold"), ordering="reserved")
    def reserved_money(self, wallet):
        return money(wallet.reserved, wallet.currency)

    @admin.display(description=_("spent"), ordering="spent")
    def spent_money(self, wallet):
        return money(wallet.spent, wallet.currency)


@admin.register(Entry)
class EntryAdmin(ReadOnly, BillingOnly):
    list_display = ["at", "movement", "bucket", "amount_money", "wallet", "job_id", "actor"]
    list_filter = [("kind", label_filter(movement_label)), "bucket"]
    list_select_related = ["wallet__workspace"]
    fields = ["at", "movement", "bucket", "amount_money", "wallet", "job_id", "grant", "actor", "txn"]
    readonly_fields = ["movement", "amount_money"]
    search_fields = ["=job_id"]
    ordering = ["-at", "-id"]

    @admin.display(description=_("kind"), ordering="kind")
    def movement(self, entry):
        return movement_label(entry.kind)

    @admin.display(description=_("amount"), ordering="amount")
    def amount_money(self, entry):
        return money(entry.amount, entry.wallet.currency)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(BillingOnly):
    list_display = ["currency", "into", "rate", "dated"]
    fields = ["currency", "rate", "dated"]
    ordering = ["currency"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        audit.record(by=request.user, verb="rate.changed", target=obj.currency, rate=obj.rate, dated=str(obj.dated))

    def delete_model(self, request, obj):
        audit.record(by=request.user, verb="rate.removed", target=obj.currency)
        super().delete_model(request, obj)

    def get_actions(self, request, *_location):
        """Offer no deletion of several rates at once, which would not be audited."""
        return {}


@admin.register(Pack)
class PackAdmin(BillingOnly):
    list_display = ["name", "price", "credit_money", "is_offered", "position"]
    fields = ["code", "name", "amount", "currency", "credit", "is_offered", "position"]
    ordering = ["position", "amount"]

    @admin.display(description=_("price"))
    def price(self, pack):
        return money(pack.amount, pack.currency)

    @admin.display(description=_("credit"))
    def credit_money(self, pack):
        return money(pack.credit, settings.SITE_CURRENCY)

    def get_form(self, request, obj=None, change=False, **kwargs):
        texts = {
            "amount": _("In millionths of the currency: 400000 is 0.40."),
            "credit": _("In millionths of the site’s currency: 400000 is 0.40."),
        }
        return super().get_form(request, obj, change=change, help_texts=texts, **kwargs)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        audit.record(by=request.user, verb="pack.changed", target=obj, amount=obj.amount, credit=obj.credit)

    def has_delete_permission(self, request, obj=None):
        """Stop offering it instead: purchases name it."""
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "sentence", "about", "address"]
    list_filter = [("verb", label_filter(audit.verb_label))]
    fields = ["at", "sentence", "actor", "about", "actor_id", "workspace_id", "address", "verb", "facts"]
    readonly_fields = ["sentence", "about"]
    search_fields = ["actor", "target", "=actor_id"]
    search_help_text = _("Name or number")
    date_hierarchy = "at"

    @admin.display(description=_("what happened"))
    def sentence(self, event):
        return audit.sentence(event)

    @admin.display(description=_("target"), ordering="target")
    def about(self, event):
        return audit.target_label(event.target)
