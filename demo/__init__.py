"""A sample site of invented pages and the loopback server that serves it; imports nothing of ours."""
