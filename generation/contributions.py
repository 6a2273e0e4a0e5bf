"""The hooks of generation for the apps below."""

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.billing.hooks import BillingHooks
from accounts.hooks import AccountHooks, PersonalData, SettingsLink, name_permissions
from common.hooks import SiteHooks
from common.search import index
from generation import maintenance, privacy, sentences
from generation.job_kinds import ClipKind, RemoteClipKind, RewriteKind, VideoKind
from generation.library import documents
from generation.media import storage
from generation.models import EFFECTS, Clip
from generation.offers import provider_labels
from generation.providers import sentences as provider_sentences
from generation.providers.connections import (
    audit_messages,
    environment,
    health_alerts,
    keys,
    test_job,
)
from generation.providers.webhooks import receive as webhooks
from generation.services import avatar_uploads, missing_files, model_prices, owned_files, service_checks, storage_use
from generation.views import cards, home
from generation.worker import answer_journal, late_results, messages, reconcile, storage_wait
from jobs import registry
from jobs.hooks import JobHooks

WITH_CARDS = [ClipKind.name, RemoteClipKind.name, VideoKind.name]
CONNECTIONS_LINK = SettingsLink(
    "workspace", _("Connections"), "plug", ("generation:connections", "generation:connection", "generation:workflow")
)
CLIP_SECONDS = Subquery(  # without effects on an existing video, whose seconds were not made here
    Clip.objects.finished().filter(job=OuterRef("job_id")).exclude(provider=EFFECTS).order_by().values("seconds")[:1]
)
OPERATED_MODELS = "connection providermodel provideroverride workflow"  # rows in the admin that operators look after
CONTRIBUTIONS = (
    SiteHooks(
        sentences={**sentences.SENTENCES, **provider_sentences.SENTENCES},
        periodic_tasks={
            "index for search": index.index_missing,
            "delete unused pictures": maintenance.delete_unused_pictures,
            "delete unused videos": maintenance.delete_unused_videos,
            "search abandoned submissions": reconcile.search_abandoned,
            "delete old callbacks": webhooks.delete_old_events,
            "delete old tombstones": late_results.delete_old_tombstones,
            "connections of the environment": environment.sync,
            "delete old keys": keys.delete_unused,
        },
        kept_work_folders=[answer_journal.FOLDER],
        slow_invariants=maintenance.CHECKS,
        owned_files={
            "clips": owned_files.list_clip_files,
            "pictures": owned_files.list_pictures,
            "videos": owned_files.list_videos,
        },
        service_checks={
            _("Storage"): service_checks.check_storage,
            "ffmpeg": service_checks.check_ffmpeg,
            _("Fonts for title cards"): service_checks.check_fonts,
        },
        health_checks=[health_alerts.describe_broken, storage_wait.report_waiting_jobs, missing_files.report_clips],
        reencrypt_secrets=keys.reencrypt_all,
        search_indexes={"clip": documents.CLIP_INDEX},
    ),
    AccountHooks(
        audit_sentences=audit_messages.SENTENCES,
        role_permissions={
            "operator": (
                *name_permissions("generation.view", OPERATED_MODELS),
                *name_permissions("generation.add", OPERATED_MODELS),
                *name_permissions("generation.change", OPERATED_MODELS),
                *name_permissions("generation.delete", OPERATED_MODELS),
            )
        },
        privacy_parts={"clips": PersonalData(privacy.collect, privacy.erase)},
        transfer_guest_work=privacy.transfer_guest_work,
        guest_page=home.find_guest_page,
        empty_workspace=privacy.delete_workspace_work,
        user_figures=privacy.measure_storage,
        rebuild_avatar=avatar_uploads.rebuild_avatar,
        avatar_link=storage.create_link,
        settings_links=lambda viewer, view_name: [CONNECTIONS_LINK],
    ),
    BillingHooks(
        provider_label=provider_labels.get_provider_label,
        list_providers=provider_labels.list_provider_labels,
        price_currencies=model_prices.list_currencies,
        storage_use=storage_use.measure_clips,
        largest_files=storage_use.list_largest,
        limit_uses={"storage_bytes": storage_use.count_bytes},
        seconds_made={"clip": CLIP_SECONDS},
    ),
    JobHooks(
        kinds=registry.by_name(ClipKind(), RemoteClipKind(), VideoKind(), RewriteKind(), test_job.ConnectionTestKind()),
        cards=dict.fromkeys(WITH_CARDS, cards.render_card),
        card_loaders=dict.fromkeys(WITH_CARDS, cards.load_cards),
        pictures=dict.fromkeys(WITH_CARDS, cards.render_posters),
        event_messages={**messages.EVENT_MESSAGES, **test_job.EVENT_MESSAGES},
        jobs_awaited_by_erasure=privacy.find_jobs_paid_by,
    ),
)
