"""Break an idea or a text down into scenes by rules, without a language model."""
