"""The rows of one page: its thread, its comments, their versions and who they are."""
