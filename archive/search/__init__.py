"""Full-text search: the index, its words, queries as people write them, and snippets of hits."""
