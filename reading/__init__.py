"""The vocabulary of reading: items (THE schema), page, markup, values, addresses; imports nothing of ours."""
