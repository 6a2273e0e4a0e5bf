"""Ambiguous words take the sense that their company gives them; words/senses.toml lists the senses."""

import pytest

from generation.animatic.understanding.parsing import Item, parse_prompt
from generation.animatic.understanding.senses import load_senses, resolve_senses

EXAMPLES = """
two cats run a ramen shop | run | action:stand
两只猫在月球上开拉面店 | 开 | action:stand
a girl waves | waves | action:wave
somebody on a pier waves farewell | waves | action:wave
a boy on the bridge waves at a ship | waves | action:wave
waves crash on the shore | waves | place:sea
a girl by the sea, waves at night | waves | place:sea
wheat waving in the sun | waving |
waving grass | waving |
waves crash | crash |
波浪长发的少女 | 波浪 | part:hair
海上的波浪 | 波浪 | place:sea
in a shop | shop | place:shop
outside the shop | shop | place:street setting:lane
a small shop window | shop window | place:street
a shop front | shop | place:street setting:lane
便利店里 | 便利店 | place:shop
便利店外面 | 便利店 | place:street setting:lane
コンビニの前 | コンビニ | place:street setting:lane
コンビニで | コンビニ | place:shop
outside the classroom | classroom | place:school
教室外 | 教室 | place:school
in front of a house | house | place:street setting:slope
屋子外面 | 屋子 | place:street setting:slope
a girl on the night train | night train | place:train_carriage time:night
a woman takes the train | train | place:train_carriage
a girl rides a train | rides | action:sit
a train by the sea | train | subject:train
少女坐火车 | 火车 | place:train_carriage
火车驶过 | 火车 | subject:train
a man on the dusty moon | moon | place:moon
an astronaut sees the earth from the moon | moon | place:moon
a girl under the moon | moon | time:night
moon craters | moon | place:moon
明月 | 明月 | time:night
月球上的机器人 | 月球上 | place:moon
三月的雨 | 月 |
月の上のロボット | 月の上 | place:moon
月明かり | 月明かり | time:night
fall leaves | fall | particles:leaves
late fall in the park | fall | particles:leaves
petals fall | fall |
a girl springs over a puddle | springs |
spring water | spring |
a street in spring | spring | particles:sakura
the train leaves | leaves |
she waves and leaves home | leaves |
red leaves | red leaves | particles:leaves
a man takes a shower | shower | shower
a shower at the harbour | shower | weather:rain
女骑士 | 女 |
女骑士 | 骑士 | subject:woman
女剣士の横顔 | 剣士 | subject:woman
a female knight | knight | subject:woman
男店员 | 店员 | subject:man
一个女人 | 女人 | subject:woman
a maid robot | maid |
便利店的灯光 | 便利店 | place:street setting:lane
a duck family | family |
a family of elephants | family |
a family of cats | family |
a family on the beach | family | subject:someone number:3
a river bank | river bank | place:sea
a grassy bank | bank | place:sea setting:bay
on the bank of a river | bank | place:sea setting:bay
a bank in the city | bank | words
a construction crane | crane | crane
a crane over the lake | crane | subject:bird
a red bow | bow | part:accent
a girl lights a match | match | particles:sparks
champagne glasses | glasses | glasses
two glasses of water | glasses | glasses
a girl with glasses | glasses | worn:glasses
a gold watch | watch | subject:watch
eating an orange | orange | subject:food
an orange cat | orange | colour:orange
oranges on a table | oranges | subject:food
the sun rose | rose |
a single rose | rose | subject:rose
a rose dress | rose | colour:pink
roses | roses | subject:rose
steam rises from a bun | bun | subject:food
her hair in a bun | hair in a bun | hair_style:bun
a fruit stand | stand | stand
a boy stands there | stands | action:stand
eggs in a pan | pan | pan
pan over the city | pan | camera:pan_right
パンを食べる | パン | subject:food
パン、夜の街 | パン | camera:pan_right
they cook | cook | cooking
a knight trains at dawn | trains | train
warriors in a dojo, trains hard | trains | train
a boy ducks | ducks | duck
ducks under a branch | ducks | duck
two ducks on a lake | ducks | subject:duck
a man swallows | swallows | swallow
two swallows over a field | swallows | subject:bird
dove into the lake | dove | dove
a man parks his car | parks | park
a quiet park | park | place:forest
a soldier fires a gun | fires | fire
fires on the hill | fires | particles:sparks
tears the letter | tears |
tears on her cheeks | tears | expression:crying
waters the flowers | waters | water
the rain runs down the glass | runs |
running water | running |
a girl runs | runs | action:run
a man pushes a cart | pushes | push
slow push | slow push | camera:push
zooms past | zooms |
zoom on a cat | zoom | camera:push
tilts her head | tilts | tilt
a girl faces the sea | faces | far:words
a face in the crowd | face | view:front
the boats bob | bob |
a girl with a bob | bob | hair_style:bob
music plays | plays |
a boy plays | plays | action:play
flames dance | dance |
girls dance | dance | action:dance
thunder clashes | clashes |
two knights clash | clash | action:fight
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in EXAMPLES.strip().splitlines()]


def read_items(prompt: str) -> list[Item]:
    items = parse_prompt(prompt)
    resolve_senses(items)
    return items


def list_names(item: Item) -> set[str]:
    """Return what an item names, drawn or not, without words that only guide the parser."""
    named = [m.value if m.slot == "undrawn" else f"{m.slot}:{m.value}" for m in item.meanings]
    return {name for name in named if not name.startswith(("stop:", "break:", "classifier:"))}


@pytest.mark.parametrize(("prompt", "word", "meanings"), ROWS, ids=[prompt for prompt, _, _ in ROWS])
def test_a_word_takes_the_sense_that_its_company_gives_it(prompt, word, meanings):
    (item,) = [item for item in read_items(prompt) if item.text == word]

    names = list_names(item)

    assert set(meanings.split()) <= names
    assert bool(names) == bool(meanings), names


def test_every_row_of_the_senses_has_an_example():
    used = set()
    for prompt, _, _ in ROWS:
        items = parse_prompt(prompt)
        for at, item in enumerate(items):
            keys = (item.text.lower(), *(f"@{name}" for name in list_names(item)))
            used |= {next((s for s in load_senses().get(key, ()) if s.fits(items, at)), None) for key in keys}
    rows = {sense for senses in load_senses().values() for sense in senses}

    assert [sense.of for sense in rows - used] == []
