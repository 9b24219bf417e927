"""What linking reads of a thread and what it keeps."""
