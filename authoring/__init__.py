"""For whoever writes a site: what a page seems to hold, a small page of invented words, and the cases that test it."""
