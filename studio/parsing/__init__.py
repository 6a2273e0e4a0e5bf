"""Read the formats of texts by rules, always with the same result, without network, model or database.

A text in one of four formats (Fountain, Markdown, table, prose) is divided into scenes; which it is, tells
studio/breakdown/parser.py. A single sentence counts as an idea, which studio/breakdown tells in a few scenes.
"""
