"""Benches: what this program costs beside the least that the same work could cost; no part of the package."""
