"""From a URL or a file to a ThreadPage; imports nothing of ours."""
