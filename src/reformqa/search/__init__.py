"""Search: what a question names, and the paragraphs that best meet it."""
