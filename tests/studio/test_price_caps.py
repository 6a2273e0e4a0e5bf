"""A paid click on a model without a known price asks once for a cap, wherever it starts work."""

import pytest

from accounts.billing import grants
from generation.models import Clip, PriceCap
from generation.providers.base import Estimate
from generation.providers.registry import clip_providers
from studio.models import Run

pytestmark = pytest.mark.django_db
CREATE = {"prompt": "a cat", "provider": "atelier", "model": "brush", "seconds": 2, "resolution": 480, "style": "cel"}
CLICKS = {  # name → address and form
    "create": ("/create/", CREATE),
    "retry": ("/clips/{clip}/retry/", {}),
    "vary": ("/clips/{clip}/vary/", {}),
    "scene": ("/stories/{story}/draw/", {"which": "one", "scene": "{scene}"}),
    "story": ("/stories/{story}/draw/", {"which": "all"}),
}


@pytest.mark.parametrize("click", CLICKS)
def test_unknown_price_asks_once_for_a_cap(sign_in, mika, create_story, atelier, monkeypatch, click):
    monkeypatch.setitem(clip_providers(), "atelier", atelier)
    story, browser = create_story(mika, "a girl on a hill", provider="atelier"), sign_in(mika)
    clip = Clip.objects.get(pk=browser.post("/create/", CREATE).url.split("/")[2])
    atelier.estimate = lambda request: Estimate(0, "USD", 30, is_known=False)
    grants.set_limit(story.workspace, 5_000_000)
    ids = {"clip": clip.pk, "story": story.pk, "scene": story.scenes.get().pk}
    path, form = CLICKS[click]
    form = {name: str(value).format(**ids) for name, value in form.items()}

    def press(key, **more):
        quote = browser.get(path.format(**ids), form).context["quote"] if "draw" in path else None
        agreed = {"agreed": quote.mark} if quote else {}
        return browser.post(path.format(**ids), form | agreed | {"idem_key": key} | more)

    answers = [press("one"), press("two", cap="many"), press("three", cap="9")]

    assert [answer.status_code for answer in answers] == [422, 422, 402]
    assert "Enter the most that one request may cost." in answers[0].text
    assert (Clip.objects.count(), Run.objects.count(), PriceCap.objects.count()) == (1, 0, 0)
    assert [press("four", cap="2.50").status_code, PriceCap.objects.get().amount] == [302, 2_500_000]
    if "draw" not in path:  # a scene that is being drawn cannot be drawn again
        assert press("five").status_code == 302
