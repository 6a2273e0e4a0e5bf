"""A model may say less of itself than its provider, and never more: money hangs on it."""

import itertools
from dataclasses import replace

import pytest

from generation.composer import capabilities
from generation.composer.providers_for_user import takes_seed
from generation.models import Clip
from generation.providers import catalogue
from generation.providers.base import Capability, Mode
from generation.providers.models import ProviderModel
from generation.providers.registry import providers
from generation.providers.traits import RECOVERIES, STOPPINGS, Manners, Recovery, Stopping, of_model

MODEL = Capability("one", "One", frozenset({Mode.WORDS}), ("16:9",), (5,), (720,))
BOTH = list(itertools.product(RECOVERIES, [None, *RECOVERIES]))


@pytest.mark.parametrize(("told", "said"), BOTH)
def test_a_model_is_never_found_better_than_its_adapter_can(told, said):
    manners = Manners(recovery=told, absence_is_proof=True, has_webhooks=True)

    got = of_model(manners, replace(MODEL, recovery=said))

    assert RECOVERIES.index(got.recovery) <= RECOVERIES.index(told)
    assert got.recovery == (told if said is None or RECOVERIES.index(said) > RECOVERIES.index(told) else said)
    assert got.absence_is_proof == (got.recovery == told), "what is found in a weaker way proves no absence"


def test_a_callback_finds_nothing_where_the_provider_makes_none():
    manners = Manners(recovery=Recovery.LIST)

    assert of_model(manners, replace(MODEL, recovery=Recovery.WEBHOOK)).recovery == Recovery.NONE


@pytest.mark.parametrize(("told", "said"), list(itertools.product(STOPPINGS, [None, *STOPPINGS])))
def test_a_model_is_never_stopped_better_than_its_adapter_can(told, said):
    got = of_model(Manners(stopping=told), replace(MODEL, stopping=said))

    assert got.stopping == min((each for each in (told, said) if each), key=STOPPINGS.index)


@pytest.mark.parametrize(
    ("told", "said", "got"), [(True, None, True), (True, False, False), (False, True, False), (False, None, False)]
)
def test_progress_is_what_both_say(told, said, got):
    assert of_model(Manners(has_progress=told), replace(MODEL, has_progress=said)).has_progress is got


def test_every_model_of_every_provider_declares_the_three_and_says_them_in_words(db):
    seen = set()
    for engine in providers().values():
        for model in () if engine.is_local else engine.capabilities():
            told = engine.manners_of(model.model)
            assert told == of_model(engine.manners, model)
            said = capabilities.words(capabilities.of_new(engine, model))
            assert len(said) == 3 and all(said)
            shown = capabilities.for_creators(told)
            assert shown["stopping"] and len(shown["more"]) == 2, "all three, one of them at once"
            seen.add((engine.slug, model.recovery))
            assert model.recovery in (None, told.recovery), "a model that ships asks for more than its adapter can"
    assert ("kling", Recovery.LIST) in seen and ("kling", None) in seen


def test_what_is_asked_for_is_the_models_own(db):
    kling = providers()["kling"]

    assert kling.manners_of("kling-v3").recovery == Recovery.OWN_ID
    assert kling.manners_of("kling-v1-6").recovery == Recovery.LIST
    assert kling.manners_of("kling-of-yesterday").recovery == Recovery.OWN_ID, "as its provider"


def test_the_words_are_those_of_what_it_can():
    manners = Manners(recovery=Recovery.OWN_ID, stopping=Stopping.ANY, has_progress=True)
    less = replace(MODEL, recovery=Recovery.NONE, stopping=Stopping.QUEUED, has_progress=False)

    assert capabilities.words(of_model(manners, MODEL)) == [
        "can be stopped", "says how far it is", "a lost answer is found again by our own id",
    ]  # fmt: skip
    assert capabilities.words(of_model(manners, less)) == [
        "can be stopped only while it waits there", "does not say how far it is",
        "a lost answer cannot be looked for",
    ]  # fmt: skip


def test_a_model_that_is_offered_no_more_is_found_no_better_than_before(db):
    """Who has a task of it still looks for that; an absence that proved nothing does not begin to."""
    kling = providers()["kling"]
    before = kling.manners_of("kling-v1-6")
    ProviderModel.objects.create(provider="kling", model="kling-v1-6", is_offered=False)
    catalogue.forget()

    after = kling.manners_of("kling-v1-6")

    assert "kling-v1-6" not in [each.model for each in kling.capabilities()]
    assert (before.recovery, after) == (Recovery.LIST, before)


def test_what_an_adapter_cannot_say_is_offered_with_no_model_whatever_was_noted_of_it(db):
    """Rows from before the admin refused such a note."""
    minimax = providers()["minimax"]
    [first, *_] = minimax.capabilities()
    ProviderModel.objects.create(provider="minimax", model=first.model, facts={"has_audio": True, "has_seed": True})
    catalogue.forget()

    changed = minimax.capability(first.model)

    assert "audio" not in minimax.tells and not changed.has_audio
    assert changed.has_seed is ("seed" in minimax.tells)


@pytest.mark.django_db
def test_a_seed_that_was_never_told_is_not_shown_again_where_an_operator_took_the_model_out():
    first = catalogue.shipped("kling")[0]["model"]
    ProviderModel.objects.create(provider="kling", model=first, is_offered=False)
    catalogue.forget()

    assert not takes_seed(Clip(provider="kling", model=first))
    assert takes_seed(Clip(provider="kling", model="nobody-knows"))
