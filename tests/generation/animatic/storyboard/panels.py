"""Panels for tests: 24 that show what can be drawn, and random ones."""

import random

from generation.animatic.storyboard.catalogue import (
    load_animals,
    load_poses,
    load_roles,
    load_sizes,
)
from generation.animatic.storyboard.panel import (
    CAMERAS,
    FACINGS,
    HOURS,
    MOODS,
    PLACES,
    WEATHERS,
    Figure,
    Panel,
    Thing,
)
from generation.animatic.storyboard.places.furniture import load_furniture

GOLDEN = (
    Panel("Umbrellas.", "shop", "umbrella", figures=(Figure("hedgehog", at=(0.5, 0.64), height=0.2),)),
    Panel(
        "Two keepers.", "shore", "lighthouse", "dusk", figures=(Figure("keeper", "read", (0.3, 0.9), holds="letter"),)
    ),
    Panel("Sand.", "field", "sand", weather="sand", figures=(Figure("camel", "walk", (0.5, 0.85), "left", 0.4),)),
    Panel("Tornado.", "field", "wheat", weather="wind", things=(Thing("tornado", (0.7, 0.62), 0.6),), mood="tense"),
    Panel("Cello.", "corridor", "station", "night", figures=(Figure("musician", "play", (0.4, 0.9)),), camera="push"),
    Panel(
        "A sword.",
        "mountain",
        figures=(Figure("knight", "give", (0.42, 0.9)), Figure("child", "reach", (0.6, 0.9), "left", 0.3)),
    ),
    Panel("A moon.", "space", "moon", figures=(Figure("astronaut", "kneel", (0.4, 0.86)),), camera="tilt_up"),
    Panel(
        "Chess.", "unknown", figures=(Figure("robot", "read", (0.3, 0.9)), Figure("robot", "point", (0.7, 0.9), "left"))
    ),
    Panel(
        "狐。", "bridge", hour="night", figures=(Figure("nine_tailed_fox", at=(0.55, 0.75), facing="left", height=0.4),)
    ),
    Panel("人鱼。", "underwater", figures=(Figure("mermaid", "hold", (0.4, 0.86), holds="stopwatch"),), mood="soft"),
    Panel("病房。", "room", "hospital", weather="snow", figures=(Figure("doctor", "tend", (0.4, 0.9)),)),
    Panel("书。", "room", "library", "night", figures=(Figure("librarian", "reach", (0.4, 0.94), "back"),)),
    Panel(
        "集市。", "street", "market", figures=(Figure("traveller", "ride", (0.6, 0.92), "left", 0.4, rides="camel"),)
    ),
    Panel("雪山。", "mountain", "snow", weather="snow", figures=(Figure("climber", "walk", (0.4, 0.85), then="fall"),)),
    Panel("木偶。", "stage", figures=(Figure("puppet", "bow", (0.5, 0.82)),), camera="pull"),
    Panel(
        "列车。",
        "vehicle",
        "train",
        figures=(Figure("old_man", "sit", (0.4, 0.95)), Figure("child", "sit", (0.6, 0.95), "left", 0.4)),
    ),
    Panel(
        "力士。", "arena", figures=(Figure("sumo", "push", (0.4, 0.86)), Figure("sumo", "push", (0.6, 0.86), "left"))
    ),
    Panel("アップ。", "room", "workshop", "night", figures=(Figure("boy", "blow", (0.4, 2.4), height=2.4, marks=5),)),
    Panel(
        "侍。",
        "forest",
        "bamboo",
        "dusk",
        "wind",
        (Figure("samurai", "fight", (0.3, 0.9)), Figure("demon", "fight", (0.7, 0.9), "left")),
    ),
    Panel("屋台。", "street", "festival", "night", "rain", (Figure("chef", "look", (0.6, 0.9), "front"),)),
    Panel(
        "天使。",
        "sky",
        hour="dawn",
        figures=(Figure("angel", "reach", (0.4, 0.9)),),
        things=(Thing("gear", (0.7, 0.7), 0.4),),
    ),
    Panel(
        "魔女。",
        "sky",
        "",
        "night",
        "storm",
        (Figure("witch", "ride", (0.5, 0.7), height=0.4, rides="broom"),),
        mood="tense",
    ),
    Panel(
        "波。",
        "water",
        "ship",
        figures=(Figure("pirate", "point", (0.4, 0.94)), Figure("whale", "swim", (0.75, 0.6), "left", 0.2)),
    ),
    Panel(
        "王様。",
        "room",
        "castle",
        figures=(Figure("king", "point", (0.25, 0.93)), Figure("cat", "sit", (0.5, 0.72), "left", 0.2)),
    ),
)


def make_panel(seed: int) -> Panel:
    """Return a panel with any values, whose figures stand side by side."""
    rng = random.Random(seed)
    place = rng.choice(PLACES)
    count = rng.randint(0, 4)
    figures = tuple(make_figure(rng, (0.5 + number) / count) for number in range(count))
    names = [*load_sizes(), "no such thing"]
    things = tuple(
        Thing(rng.choice(names), (rng.random(), rng.uniform(0.5, 0.95)), rng.uniform(0.05, 0.6), rng.random() < 0.5)
        for _ in range(rng.randint(0, 3))
    )
    return Panel(
        rng.choice(("", "A cat.", "猫。" * 200, "\u202eمرحبا", "🦔", "word " * 90)),
        place,
        rng.choice((*load_furniture().get(place, ("",)), "bread", "no such variant")),
        rng.choice(HOURS),
        rng.choice(WEATHERS),
        figures,
        things,
        rng.choice(CAMERAS),
        rng.choice(MOODS),
        str(rng.randint(1, 120)),
        (rng.random(), rng.random()),
    )


def make_figure(rng: random.Random, x: float) -> Figure:
    return Figure(
        rng.choice([*load_roles(), *load_animals(), "nobody known"]),
        rng.choice([*load_poses(), "no such pose"]),
        (x, rng.uniform(0.6, 0.95)),
        rng.choice(FACINGS),
        rng.uniform(0.1, 0.6),
        then=rng.choice(("", *load_poses())),
        holds=rng.choice(("", "", "umbrella", "sword", "books", "cat", "no such thing")),
        rides=rng.choice(("", "", "", "horse", "bicycle", "boat", "canoe", "no such thing")),
        marks=rng.randint(0, 99),
    )
