"""Quotes follow the examples that the providers and their price lists give, and every price names its source."""

from datetime import date

import pytest

from generation.providers import catalogue, registry
from generation.providers.base import ClipRequest, Mode

pytestmark = pytest.mark.usefixtures("shipped_models")
WORKED_EXAMPLES = (
    # provider, model, seconds, resolution, more about the request, price, currency
    ("ark", "dreamina-seedance-2-5-260628", 5, 480, {}, "0.514", "USD"),
    ("ark", "dreamina-seedance-2-5-260628", 5, 720, {}, "1.156", "USD"),
    ("ark", "seedance-1-5-pro-251215", 10, 720, {"audio": True}, "0.520", "USD"),
    ("ark", "seedance-1-5-pro-251215", 10, 720, {}, "0.260", "USD"),
    ("ark", "doubao-seedance-2-5-260628", 1, 1080, {}, "3.742", "CNY"),
    ("ark", "doubao-seedance-2-0-260128", 1, 1080, {}, "2.479", "CNY"),
    ("ark", "doubao-seedance-2-0-260128", 1, 2160, {}, "5.054", "CNY"),
    ("dashscope", "wan3.0-video", 6, 720, {}, "0.600", "USD"),
    ("dashscope", "happyhorse-1.1-t2v", 10, 480, {}, "0.700", "USD"),
    ("fal", "bytedance/seedance-2.5", 1, 720, {}, "0.473", "USD"),
    ("fal", "fal-ai/kling-video/v3/pro", 10, 1080, {"audio": True}, "1.680", "USD"),
    ("kling", "kling-v3", 1, 1080, {}, "0.112", "USD"),
    ("kling", "kling-v3", 1, 720, {"mode": Mode.FIRST_LAST}, "0.112", "USD"),  # needs "pro"
    ("kling", "kling-v2-6", 5, 720, {"audio": True}, "0.700", "USD"),  # needs "pro"
    ("minimax", "MiniMax-Hailuo-2.3", 10, 768, {}, "0.560", "USD"),
    ("minimax-v2", "MiniMax-H3", 5, 768, {"references": 5}, "0.400", "USD"),
    ("minimax-v2", "MiniMax-H3", 5, 768, {"references": 7}, "0.480", "USD"),
    ("minimax-v2", "MiniMax-H3-Max", 5, 768, {"mode": Mode.FIRST_LAST}, "0.400", "USD"),
    ("pixverse", "v6", 10, 720, {"audio": True}, "1.200", "USD"),
    ("pixverse", "v5", 8, 1080, {}, "2.400", "USD"),
    ("runway", "seedance2_5", 5, 720, {}, "1.500", "USD"),
    ("runway", "seedance2_mini", 4, 480, {}, "0.640", "USD"),
    ("runway", "veo3.1", 8, 720, {}, "1.600", "USD"),
    ("runway", "veo3.1", 8, 720, {"audio": True}, "3.200", "USD"),
    ("vidu", "viduq3-pro", 5, 720, {}, "0.500", "USD"),
)


@pytest.mark.parametrize(("slug", "model", "seconds", "resolution", "more", "price", "currency"), WORKED_EXAMPLES)
def test_quotes_follow_published_examples(slug, model, seconds, resolution, more, price, currency):
    request = ClipRequest(
        "a girl on a hill", "16:9", seconds, resolution, seed=1, model=model,
        mode=more.get("mode", Mode.REFERENCES if "references" in more else Mode.WORDS),
        reference_count=more.get("references", 0), options={"audio": more.get("audio", False)},
    )  # fmt: skip

    estimate = catalogue.estimate(slug, request)

    assert (f"{estimate.price / 1_000_000:.3f}", estimate.currency, estimate.is_known) == (price, currency, True)


def list_priced_models():
    slugs = [slug for slug, engine in registry.providers().items() if not engine.is_local]
    return [(slug, facts) for slug in slugs for facts in catalogue.built_in_models(slug) if facts.get("price")]


def test_every_price_has_source_and_date(subtests):
    for slug, facts in list_priced_models():
        with subtests.test(provider=slug, model=facts["model"]):
            for row in facts["price"]:
                assert row["source"].strip() and isinstance(row["dated"], date)
                assert row["currency"] in ("USD", "CNY") and any(row.get(name) for name in catalogue.AMOUNTS)


def test_every_price_applies_to_an_offered_size(subtests):
    for slug, facts in list_priced_models():
        with subtests.test(provider=slug, model=facts["model"]):
            for row in facts["price"]:
                assert row.get("resolution", facts["resolutions"][0]) in facts["resolutions"]
                assert row.get("seconds", facts["seconds"][0]) in facts["seconds"]
                assert row.get("mode", facts["modes"][0]) in facts["modes"]
                assert not row.get("audio") or facts.get("has_audio")
