"""Readings: one pass over a thread, from its start to its verdict, and looking again."""
