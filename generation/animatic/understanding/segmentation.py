"""Find the words of Chinese text, which has no spaces, with the dictionary of jieba."""

from itertools import groupby

from .tokens import Token

Words = dict[int, int]  # index of the first token of a word → index after its last token


def find_dictionary_words(tokens: list[Token]) -> Words:
    """Return the words of two or more characters among Chinese tokens.

    The dictionary takes 34 MB and a tenth of a second, so it is loaded only by the first prompt that needs it.
    """
    import rjieba

    words: Words = {}
    for is_chinese, run in groupby(range(len(tokens)), key=lambda index: tokens[index].kind == "cjk"):
        indices = list(run) if is_chinese else []
        at = indices[0] if indices else 0
        for word in rjieba.cut("".join(tokens[index].text for index in indices), False):
            if len(word) > 1:
                words[at] = at + len(word)
            at += len(word)
    return words
