"""Words, sentences, amounts and labels: what every other package knows about text."""
