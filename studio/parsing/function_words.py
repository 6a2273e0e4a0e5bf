"""Words that name nobody, although sentences begin with them: articles, pronouns, prepositions, adverbs and so on."""

ENGLISH = frozenset(  # without “will” and “may”, which are names as well
    """
    a an the this that these those such same other another
    i me my mine myself you your yours yourself he him his himself she her hers herself it its itself
    we us our ours ourselves they them their theirs themselves one ones
    who whom whose which what when where why how whoever whatever whenever wherever
    all any both each either every few half many more most much neither none several some
    anybody anyone anything everybody everyone everything nobody no-one nothing somebody someone something
    and but or nor so yet for as if than though although because since unless until till while whereas whether once
    about above across after against along among around at before behind below beneath beside besides between beyond by
    despite down during except from in inside into like near of off on onto opposite out outside over past through
    throughout to toward towards under underneath up upon with within without
    again ahead almost already also always anyway away even eventually ever everywhere finally first here hence however
    indeed instead just last lastly later likewise maybe meanwhile moreover never nevertheless next nonetheless not now
    nowhere often only otherwise perhaps quickly quietly rather second sometimes somewhere soon still suddenly slowly
    then there therefore third thus together today tomorrow tonight too usually very well yesterday
    am are be been being can could did do does had has have is might must shall should was were would
    don't didn't doesn't isn't wasn't won't can't couldn't let let's it's he's she's that's there's they're we're
    no yes oh please
    """.split()  # noqa: SIM905
)
CHINESE = tuple(  # also at the beginning of longer groups of characters: 他们都
    """
    他 她 它 我们 你们 您 咱们 大家 自己 人们 别人 有人 众人 所有 每个
    谁 什么 这个 这些 这里 那个 那些 那里 哪个 哪里 一个 一只 两个 如果 因为 所以 但是 然后 突然 最后 于是
    """.split()  # noqa: SIM905
)


def is_function_word(text: str) -> bool:
    """Return whether the text is no name, because its first word is a function word."""
    return text.casefold().replace("’", "'").partition(" ")[0] in ENGLISH or text.startswith(CHINESE)
