"""The rows of story templates: saved from a story, a prompt or a film, and the stories that were made of them."""

from django.db import transaction

from gallery.models import Remix, StoryTemplate, Work
from gallery.works.lineage import find_parents
from gallery.works.origin import Origin, copy_parents, record_remix
from generation.models import Picture
from studio.models import Story
from studio.story_templates import use
from studio.story_templates.body import TemplateBody
from studio.story_templates.pictures import copy_poster
from studio.story_templates.save import build_body_from_film, build_body_from_prompt


@transaction.atomic
def save_template(
    body: TemplateBody, *, title: str, workspace, by, story: Story | None = None, cover: Picture | None = None
) -> StoryTemplate:
    """Store a template. One that was made from a story keeps the story's lineage. Raises TemplateRefused."""
    body.check()
    fields = {"title": title, "body": body.to_json(), "cover": cover}
    template = StoryTemplate.objects.create(workspace=workspace, created_by=by, **fields)
    if story:
        kind = Remix.ChildKind.TEMPLATE
        copy_parents(find_parents(story), workspace=workspace, child_kind=kind, child=template.pk)
    return template


def save_prompt(item, *, workspace, by) -> StoryTemplate:
    """Store a prompt template (generation.prompts.items.Item) as a template of one scene, to publish it."""
    return save_template(build_body_from_prompt(item.text), title=item.title[:120], workspace=workspace, by=by)


def take_story(work: Work, *, workspace, by) -> StoryTemplate:
    """Store the story of a published film as a template in the workspace of whoever remixes it."""
    body = build_body_from_film(work.film)
    cover = copy_poster(work.film.poster_key, workspace=workspace, by=by)
    origin = Origin.of_work(work, Remix.How.TEMPLATE)
    with transaction.atomic():
        template = save_template(body, title=work.title, workspace=workspace, by=by, cover=cover)
        record_remix(origin, workspace=workspace, child_kind=Remix.ChildKind.TEMPLATE, child=template.pk)
    return template


def read_pictures_in_use():
    """Return the ids of pictures that templates keep."""
    rows = list(StoryTemplate.objects.values_list("body", "cover"))
    travelling = {pk for body, _cover in rows for row in body.get("cast", ()) for pk in row.get("pictures", ())}
    return travelling | {cover for _body, cover in rows if cover}


def create_story(
    body: TemplateBody,
    *,
    title: str,
    values: dict,
    workspace,
    by,
    idem_key: str,
    origin: Origin | None = None,
    template: StoryTemplate | None = None,
) -> Story:
    """Create a story from a template, with its blanks filled in, and record what it was made from.

    ``origin``: the public work that the template is. ``template``: the row of a template with pictures, which are
    copied first. Raises TemplateRefused, and what studio.story_templates.use.create_story raises.
    """
    pictures = use.copy_pictures(body, owner=template.workspace_id, workspace=workspace, by=by) if template else {}
    names = {"title": title, "workspace": workspace, "by": by, "idem_key": idem_key}
    with transaction.atomic():
        story = use.create_story(body.fill(values), **names, pictures=pictures)
        kind = Remix.ChildKind.STORY
        if origin:
            record_remix(origin, workspace=workspace, child_kind=kind, child=story.pk)
        elif template:
            copy_parents(find_parents(template), workspace=workspace, child_kind=kind, child=story.pk)
    return story
