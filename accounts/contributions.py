"""The hooks of accounts."""

from collections.abc import Iterator

from django.utils.translation import gettext, gettext_noop

from accounts import audit, maintenance, privacy
from accounts.billing import grants, sentences
from accounts.billing.credit import cap_warnings
from accounts.billing.credit import sentences as audit_sentences
from accounts.billing.hooks import BillingHooks
from accounts.billing.limits import count_exports, list_sentences
from accounts.billing.money import money
from accounts.billing.operator import credit as operator_views
from accounts.billing.operator import payments as payment_views
from accounts.billing.operator import plans as plan_views
from accounts.billing.payments import access as payments_access
from accounts.billing.payments import account_data as payments_data
from accounts.billing.payments import events as payment_events
from accounts.billing.payments import rows as payment_rows
from accounts.billing.payments import sentences as payment_sentences
from accounts.billing.payments import worker as payments
from accounts.billing.plans import services as plan_services
from accounts.billing.usage import receipts, rollup
from accounts.hooks import AccountHooks, PersonalData, name_permissions
from accounts.models import User
from accounts.models.workspace import count_members
from accounts.views import settings_menu
from common.hooks import OwnedFile, SiteHooks
from common.live.topics import TopicKind


def check_grants() -> Iterator[str]:
    for wallet in grants.find_unbalanced_wallets():
        facts = {"id": wallet.pk, "granted": wallet.granted, "amount": wallet.available + wallet.reserved}
        yield gettext("wallet %(id)s has %(amount)s, but its grants add up to %(granted)s") % facts


def list_avatars() -> Iterator[OwnedFile]:
    for key in User.objects.exclude(avatar="").values_list("avatar", flat=True):
        yield OwnedFile(key)


CONTRIBUTIONS = (
    SiteHooks(
        owned_files={"avatars": list_avatars},
        health_checks=[maintenance.report],
        live_topics={"purchase": TopicKind(payments_access.list_purchase_revisions, keep=payments.check_watched)},
        sentences={
            **sentences.LEDGER_SENTENCES,
            **list_sentences(),
            **sentences.LIMIT_SENTENCES,
            **sentences.CAP_SENTENCES,
            **payment_sentences.REFUSALS,
        },
        message_values={"money": lambda amount: money(*amount), **sentences.MESSAGE_VALUES},
        due_tasks={payments.APPLY: payments.has_due_events},
        periodic_tasks={
            "expire grants": grants.expire_grants,
            "plans": plan_services.run_due_changes,
            "payments": payments.reconcile,
            "warn of caps": cap_warnings.send_cap_warnings,
            "usage of ended days": rollup.roll_up_days,
        },
        invariants={
            gettext_noop("I10 grants match their wallets"): check_grants,
            gettext_noop("usage"): rollup.check_days_match_holds,
        },
        reencrypt_secrets=payment_events.reencrypt_bodies,
        slots={
            "refusal.ways": [payment_rows.render_ways],
            "plans.below": [payment_rows.render_packs],
            "plans.buy": [payment_rows.render_buttons],
            "plans.held": [payment_rows.render_held],
            "job.receipt": [receipts.render_job_receipt],
            "film.receipt": [receipts.render_film_receipt],
            "operator.tabs": [plan_views.render_tab, operator_views.render_tab, payment_views.render_tab],
        },
    ),
    AccountHooks(
        audit_sentences={
            **audit.SENTENCES,
            **audit_sentences.SENTENCES,
            **plan_services.AUDIT_SENTENCES,
            **payment_sentences.AUDIT,
        },
        role_permissions={
            "money": (
                *name_permissions("accounts.view", "wallet purchase plan entry grant hold pack exchangerate usageday"),
                *name_permissions("accounts.add", "plan pack exchangerate"),
                *name_permissions("accounts.change", "wallet purchase plan pack exchangerate"),
                "accounts.delete_exchangerate",
            ),
            "operator": (
                *name_permissions("accounts.view", "user workspace membership usageday auditevent"),
                "accounts.change_user",
            ),
        },
        settings_links=settings_menu.list_links,
        privacy_parts={
            "account": PersonalData(privacy.collect, privacy.erase),
            "payments": PersonalData(payments_data.collect, payments_data.erase),
        },
    ),
    BillingHooks(
        limit_uses={"members": count_members, "exports": count_exports},
    ),
)
