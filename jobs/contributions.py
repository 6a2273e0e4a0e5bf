"""The hooks of jobs."""

from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.billing.hooks import BillingHooks
from accounts.hooks import AccountHooks, PersonalData, name_permissions
from common.hooks import SiteHooks
from common.live.topics import TopicKind
from jobs import access, events, maintenance, registry, sentences, services
from jobs.account_data import job_kinds as account_data
from jobs.account_data import slots as account_data_slots
from jobs.estimates import monthly
from jobs.hooks import JobHooks
from jobs.runtime import queue
from jobs.views import cards

CONTRIBUTIONS = (
    SiteHooks(
        sentences=sentences.SENTENCES,
        live_topics={"job": TopicKind(access.list_job_revisions), "queue": TopicKind(access.list_queue_revisions)},
        run_soon=queue.run_soon,
        periodic_tasks={
            **maintenance.PERIODIC_TASKS,
            "accounts": accounts.run_daily_cleanup,
            "exports": account_data.delete_expired_exports,
            "closed accounts": account_data.erase_all_closed,
        },
        invariants=maintenance.INVARIANTS,
        owned_files={"exports": account_data.list_exports},
        slots={
            "nav.jobs": [cards.badge_slot],
            "bar.jobs": [cards.bar_slot],
            "settings.privacy": [account_data_slots.section],
        },
    ),
    AccountHooks(
        privacy_parts={"jobs": PersonalData(account_data.collect, account_data.erase_jobs)},
        transfer_guest_work=account_data.transfer_jobs,
        role_permissions={
            "operator": (*name_permissions("jobs.view", "job unknownjob heartbeat"), "jobs.change_job"),
        },
        audit_sentences={"job.decided": _("%(who)s decided about %(target)s")},
        user_figures=access.count_jobs_of_users,
        empty_workspace=account_data.delete_jobs,
        stop_erasure=account_data.stop_erasure,
    ),
    BillingHooks(
        limit_uses={
            "jobs_at_once": services.count_unfinished,
            "seconds_a_month": monthly.count_paid_seconds,
            "film_minutes": monthly.count_film_minutes,
        },
        describe_jobs=access.describe_jobs,
    ),
    JobHooks(
        kinds=registry.by_name(account_data.ExportKind(), account_data.EraseKind()),
        event_messages=events.EVENT_MESSAGES,
    ),
)
