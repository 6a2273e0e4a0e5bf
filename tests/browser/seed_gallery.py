"""Create works in every state, and what people and operators did with them, without files."""

import json

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from gallery.models import Case, Playlist, PlaylistEntry, RemixFrame, Work
from gallery.moderation import appeals, decisions, reports
from gallery.moderation.decisions import BanTerms, Explanation
from gallery.people.relationships import set_follow
from gallery.reactions.comments import add_comment
from gallery.remix import templates
from gallery.works.origin import Origin, record_remix
from studio.scenes.services import add_scene
from studio.story_templates.body import TemplateBody
from tests.gallery import works

LONG_TITLE = "The last summer train leaves without the two sisters who bought its very first tickets"
LONG_HANDLE = "the_very_long_handle_of_mika_m"
RULE = Explanation(reason="spam", statement="It advertises a shop, twice, with a link.", note="the third time")
BODY = {
    "version": 1, "style": "cel", "ratio": "16:9", "blanks": [{"name": "hero", "label": "Who runs?", "default": "Mio"}],
    "scenes": [{"text": "{hero} runs on the hill", "seconds": 4}, {"text": "The sea at night", "seconds": 3}],
}  # fmt: skip


@transaction.atomic
def print_gallery_pages(author_email: str, operator_email: str) -> None:
    """Create works of an author. Print the paths for visitors, for the author and for an operator, each with the status
    of its page, as JSON."""
    author, operator = (User.objects.get(email=email) for email in (author_email, operator_email))
    User.objects.filter(pk=author.pk).update(name="Mika Mochizuki of the long name")
    User.objects.filter(pk=operator.pk).update(is_staff=True, is_superuser=True)
    author.refresh_from_db()
    operator.refresh_from_db()
    works.create_profile(author, LONG_HANDLE)
    works.create_profile(operator, "operator_of_pages")
    work, others = _create_works(author, operator)
    missing = {others["deleted"].get_absolute_url(): 410, f"/embed/{others['waiting'].code}/": 404}
    pages = [
        dict.fromkeys(_list_reader_pages(work, others), 200) | missing,
        dict.fromkeys(_list_own_pages(author, others), 200),
        dict.fromkeys(_list_operator_pages(operator, work, others), 200),
    ]
    print(json.dumps(pages))  # noqa: T201 - read by the test


def _create_works(author, operator) -> tuple[Work, dict[str, Work]]:
    """Publish a clip with everything that its page can show, and other works, which are returned by what they are."""
    tags = ["sea", "anime", "水墨", "a tag of twenty-four let"]
    open_to_all = {"allows_remix": True, "shows_prompt": True, "licence": "by", "allows_download": True}
    work = works.publish(
        works.create_clip(author, has_files=False), title=LONG_TITLE, tags=tags, **open_to_all,
        description="Drawn on two evenings.\nhttps://example.com/a/very/long/address/without/any/place/to/break/it",
    )  # fmt: skip
    source = works.publish(works.create_film(operator), title="The kite", **open_to_all)
    record_remix(Origin.of_work(source, "words"), workspace=work.workspace, child_kind="clip", child=work.clip_id)
    template = templates.save_template(
        TemplateBody.from_json(BODY), title="The race", workspace=author.home, by=author
    )  # fmt: skip
    others = {state: _create_work(author, state, state=state) for state in ("waiting", "hidden", "removed")}
    others |= {
        "unlisted": _create_work(author, "unlisted", visibility="unlisted"),
        "mature": _create_work(author, "mature", rating="mature"),
        "deleted": _create_work(author, "deleted"),
        "film": works.publish(works.create_film(author), title="A film with chapters", **open_to_all),
        "template": works.publish(template, title="The race", by=author),
        "source": source,
    }
    others["deleted"].clip.delete()
    comment = {"work": work, "user": operator, "workspace": operator.home}
    first = add_comment(**comment, text="Hold this frame a little longer, please.", frame=24)
    add_comment(work=work, user=author, workspace=author.home, text="I will.", answer_to=first)
    set_follow(user=author, profile=operator.home.profile, is_following=True)
    return work, others


def _create_work(author, title: str, *, state: str = "", **choices) -> Work:
    return works.publish(
        works.create_clip(author, has_files=False), title=f"{title} {LONG_TITLE}", state=state, **choices
    )


def _list_reader_pages(work: Work, others: dict[str, Work]) -> list[str]:
    page, profile = work.get_absolute_url(), work.workspace.profile.get_absolute_url()
    thread = f"{page}comments/{work.comments.get(answer_to=None).code}/"
    playlist = _create_playlist(work.workspace, work, visibility="public")
    shown = [others[name].get_absolute_url() for name in ("unlisted", "mature", "film", "template")]
    return [
        page, f"{page}comments/", thread, f"{page}report/", *shown, f"{shown[0]}report/", f"{shown[-1]}use/",
        "/explore/tags/sea/", "/explore/?sort=trending&kind=clip&licence=by&remix=yes", "/explore/?q=train",
        profile, f"{profile}playlists/", f"{profile}templates/", f"{profile}report/", playlist, "/reported/",
        f"/embed/{work.code}/", "/templates/?from=authors",
    ]  # fmt: skip


def _create_playlist(workspace, work: Work, **fields) -> str:
    playlist = Playlist.objects.create(workspace=workspace, title="Trains of the north", **fields)
    PlaylistEntry.objects.create(playlist=playlist, work=work, position=1)
    return playlist.get_absolute_url()


def _list_own_pages(author, others: dict[str, Work]) -> list[str]:
    publish = [
        reverse("gallery:publish_film", args=[others["film"].film_id]),
        reverse("gallery:publish_template", args=[others["template"].template_id]),
        reverse("gallery:publish_clip", args=[others["unlisted"].clip_id]),
        reverse("gallery:publish_clip", args=[others["hidden"].clip_id]),
    ]
    story = others["film"].film.story
    add_scene(story=story, by=author, prompt="{hero} runs on the hill")
    template = [
        reverse("gallery:save_template", args=[story.pk]),
        reverse("gallery:own_template", args=[others["template"].template_id]),
    ]
    frame = RemixFrame.objects.create(
        workspace=author.home, created_by=author, work=others["source"], work_code=others["source"].code, licence="by",
        how="last_frame", job=works.create_job(author, "remix_frame"),
    )  # fmt: skip
    remix = f"{others['source'].get_absolute_url()}remix/"
    states = [others[name].get_absolute_url() for name in ("waiting", "hidden", "removed")]
    pages = [*states, *publish, *template, remix, f"{remix}?how=scene", reverse("gallery:remix_frame", args=[frame.pk])]
    pages += [f"{others['source'].get_absolute_url()}save/", _create_playlist(author.home, others["source"])]
    return [*pages, "/playlists/", "/following/", "/settings/gallery/", "/settings/decisions/", "/templates/?from=own"]


def _list_operator_pages(operator, work: Work, others: dict[str, Work]) -> list[str]:
    """Report a work, a film, a comment and a profile, and decide about other works, with an appeal."""
    targets = [work, others["film"], work.comments.exclude(answer_to=None).get(), work.workspace.profile]
    for target in targets:
        for reason in ("spam", "violence"):
            reports.report_target(
                target, email=f"{reason}@example.com", reason=reason, text="Look at the second frame."
            )
    open_cases = [reverse("operator:case", args=[case.pk]) for case in Case.objects.filter(state=Case.State.OPEN)]
    terms = BanTerms(days=7, hides="")
    decided = [_decide(operator, others["hidden"], "hide"), _decide(operator, others["template"], "ban", terms)]
    pages = ["/operator/reports/", "/operator/reports/first-looks/", *open_cases, *decided]
    return [*pages, others["film"].get_absolute_url()]


def _decide(operator, work: Work, act: str, terms: BanTerms | None = None) -> str:
    reports.report_target(work, email="reader@example.com", reason="spam")
    case = Case.objects.get(work=work, state=Case.State.OPEN)
    decision = decisions.decide(case, act, by=operator, explanation=RULE, terms=terms)
    if act == "hide":
        appeals.appeal(decision, by=work.published_by, text="It is the name of the train, not of a shop.")
    return reverse("operator:case", args=[case.pk])
