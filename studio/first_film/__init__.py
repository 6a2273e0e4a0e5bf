"""The first film of a story: an idea becomes scenes, animatics of them and a film, one after the other."""
