"""Register what the gallery adds to the apps that it is built on, and to its own pages."""

from accounts.billing.hooks import BillingHooks
from accounts.hooks import AccountHooks, PersonalData
from common.hooks import SiteHooks
from gallery import privacy
from gallery.access import DECIDE_CASES, VIEW_CASES
from gallery.explore import documents
from gallery.explore import slots as explore_slots
from gallery.moderation import decisions
from gallery.moderation import slots as moderation
from gallery.publishing import covers, lifecycle
from gallery.publishing import services as publishing
from gallery.publishing import slots as publishing_slots
from gallery.reactions import slots as reactions_slots
from gallery.remix import frames, templates
from gallery.remix import slots as remix_slots
from gallery.remix.frames import SENTENCES as REMIX_SENTENCES
from gallery.sharing import slots as sharing_slots
from gallery.works import origin
from generation.hooks import ClipHooks
from jobs import registry
from jobs.hooks import JobHooks

# Slots of the gallery's own pages, with what their context holds besides the request:
# "work.notice" (above the player: work), "work.gate" (instead of the player: work), "work.head", "work.actions",
# "work.below", "work.side", "work.menu" (work), "comment.menu" (comment), "profile.head", "profile.menu" (profile),
# "explore.head" and "explore.actions".
CONTRIBUTIONS = (
    SiteHooks(
        sentences={**REMIX_SENTENCES, **covers.SENTENCES},
        reencrypt_secrets=lifecycle.reencrypt_links,
        search_indexes={"work": documents.WORK_INDEX},
        slots={
            "nav.pages": [publishing_slots.render_navigation_entry],
            "clip.actions": [publishing_slots.render_clip_action],
            "film.actions": [publishing_slots.render_film_action],
            "work.actions": [reactions_slots.render_actions, remix_slots.render_remix_button],
            "work.below": [remix_slots.render_lineage, reactions_slots.render_comments, explore_slots.render_similar],
            "explore.actions": [reactions_slots.render_list_links],
            "home.links": [explore_slots.render_home_link],
            "home.wall": [explore_slots.render_home_wall],
            "work.head": [sharing_slots.render_work_head],
            "work.side": [sharing_slots.render_plays],
            "explore.head": [sharing_slots.render_explore_head],
            "profile.head": [sharing_slots.render_profile_head],
            "create.origin": [remix_slots.render_create_origin],
            "story.acts": [remix_slots.render_story_action],
            "first_film.writer": [remix_slots.render_first_film_writer],
            "prompt.actions": [remix_slots.render_prompt_action],
            "stories.new": [remix_slots.render_new_story],
            "work.gate": [moderation.render_gate],
            "work.notice": [moderation.render_notice],
            "work.menu": [moderation.render_report_work],
            "comment.menu": [moderation.render_report_comment],
            "profile.menu": [moderation.render_report_profile],
            "operator.tabs": [moderation.render_operator_tab],
        },
    ),
    AccountHooks(
        audit_sentences={**publishing.SENTENCES, **decisions.SENTENCES},
        role_permissions={"moderator": (VIEW_CASES, DECIDE_CASES)},
        privacy_parts={"gallery": PersonalData(privacy.collect, privacy.erase)},
        empty_workspace=privacy.empty_workspace,
        settings_links=moderation.list_settings_links,
    ),
    BillingHooks(
        kept_jobs=publishing.find_kept_jobs,
    ),
    JobHooks(
        kinds=registry.by_name(frames.RemixFrameKind(), covers.CoverKind()),
    ),
    ClipHooks(
        clip_links=publishing_slots.find_clip_link,
        clips_created=origin.record_clips,
        pictures_in_use=templates.read_pictures_in_use,
    ),
)
