"""A model may weaken the traits of its provider but never improve them, since money depends on them."""

import itertools
from dataclasses import replace

import pytest

from generation.composer import capabilities
from generation.models import Clip
from generation.offers.provider_labels import supports_seed
from generation.providers import catalogue
from generation.providers.base import Capability, Mode
from generation.providers.models import ProviderModel
from generation.providers.registry import providers
from generation.providers.traits import RECOVERIES, STOPPINGS, ProviderTraits, Recovery, Stopping, model_traits

MODEL = Capability("one", "One", frozenset({Mode.WORDS}), ("16:9",), (5,), (720,))
PAIRS = list(itertools.product(RECOVERIES, [None, *RECOVERIES]))


def test_model_cannot_improve_the_recovery_of_its_provider(subtests):
    for provider_value, model_value in PAIRS:
        with subtests.test(provider_value=provider_value, model_value=model_value):
            traits = ProviderTraits(recovery=provider_value, absence_is_proof=True, has_webhooks=True)

            result = model_traits(traits, replace(MODEL, recovery=model_value))

            assert RECOVERIES.index(result.recovery) <= RECOVERIES.index(provider_value)
            assert result.recovery == (
                provider_value
                if model_value is None or RECOVERIES.index(model_value) > RECOVERIES.index(provider_value)
                else model_value
            )
            assert result.absence_is_proof == (result.recovery == provider_value), "a weaker search proves absence"


def test_callback_recovery_needs_a_provider_with_callbacks():
    traits = ProviderTraits(recovery=Recovery.LIST)

    assert model_traits(traits, replace(MODEL, recovery=Recovery.WEBHOOK)).recovery == Recovery.NONE


def test_model_cannot_improve_the_cancelling_of_its_provider(subtests):
    for provider_value, model_value in list(itertools.product(STOPPINGS, [None, *STOPPINGS])):
        with subtests.test(provider_value=provider_value, model_value=model_value):
            result = model_traits(ProviderTraits(stopping=provider_value), replace(MODEL, stopping=model_value))

            assert result.stopping == min((item for item in (provider_value, model_value) if item), key=STOPPINGS.index)


def test_progress_needs_model_and_provider(subtests):
    for provider_value, model_value, result in (
        (True, None, True),
        (True, False, False),
        (False, True, False),
        (False, None, False),
    ):
        with subtests.test(provider_value=provider_value, model_value=model_value, got=result):
            assert (
                model_traits(
                    ProviderTraits(has_progress=provider_value), replace(MODEL, has_progress=model_value)
                ).has_progress
                is result
            )


def test_every_model_describes_cancelling_progress_and_recovery(db):
    seen = set()
    for engine in providers().values():
        for model in () if engine.is_local else engine.capabilities():
            traits = engine.traits_of(model.model)
            assert traits == model_traits(engine.traits, model)
            text = capabilities.describe_to_admins(capabilities.get_new_clip_traits(engine, model))
            assert len(text) == 3 and all(text)
            texts = capabilities.describe_to_users(traits)
            assert texts["stopping"] and len(texts["more"]) == 2, "a description is missing"
            seen.add((engine.slug, model.recovery))
            assert model.recovery in (None, traits.recovery), "a shipped model improves the traits of its adapter"
    assert ("kling", Recovery.LIST) in seen and ("kling", None) in seen


def test_recovery_is_looked_up_per_model(db):
    kling = providers()["kling"]

    assert kling.traits_of("kling-v3").recovery == Recovery.OWN_ID
    assert kling.traits_of("kling-v1-6").recovery == Recovery.LIST
    assert kling.traits_of("kling-of-yesterday").recovery == Recovery.OWN_ID, (
        "an unknown model differs from its provider"
    )


def test_descriptions_match_the_traits():
    traits = ProviderTraits(recovery=Recovery.OWN_ID, stopping=Stopping.ANY, has_progress=True)
    weaker = replace(MODEL, recovery=Recovery.NONE, stopping=Stopping.QUEUED, has_progress=False)

    assert capabilities.describe_to_admins(model_traits(traits, MODEL)) == [
        "can be cancelled", "reports progress", "a lost response is found by our own ID",
    ]  # fmt: skip
    assert capabilities.describe_to_admins(model_traits(traits, weaker)) == [
        "can be cancelled only while queued there", "does not report progress",
        "a lost response cannot be searched for",
    ]  # fmt: skip


def test_withdrawn_model_keeps_its_recovery(db):
    """Existing tasks are still searched, and an inconclusive absence stays inconclusive."""
    kling = providers()["kling"]
    before = kling.traits_of("kling-v1-6")
    ProviderModel.objects.create(provider="kling", model="kling-v1-6", is_offered=False)
    catalogue.clear_cache()

    after = kling.traits_of("kling-v1-6")

    assert "kling-v1-6" not in [model.model for model in kling.capabilities()]
    assert (before.recovery, after) == (Recovery.LIST, before)


def test_overrides_cannot_enable_options_that_the_adapter_cannot_send(db):
    """Such overrides may exist from before the admin refused them."""
    minimax = providers()["minimax"]
    [first, *_] = minimax.capabilities()
    ProviderModel.objects.create(provider="minimax", model=first.model, facts={"has_audio": True, "has_seed": True})
    catalogue.clear_cache()

    changed = minimax.capability(first.model)

    assert "audio" not in minimax.supported_settings and not changed.has_audio
    assert changed.has_seed is ("seed" in minimax.supported_settings)


@pytest.mark.django_db
def test_unsent_seed_is_not_shown_for_a_withdrawn_model():
    first = catalogue.built_in_models("kling")[0]["model"]
    ProviderModel.objects.create(provider="kling", model=first, is_offered=False)
    catalogue.clear_cache()

    assert not supports_seed(Clip(provider="kling", model=first))
    assert supports_seed(Clip(provider="kling", model="nobody-knows"))
