"""Read who does what to whom, where and with what from a sentence in English, Chinese or Japanese, by rules."""
