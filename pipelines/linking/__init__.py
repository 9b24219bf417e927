"""Link the comments of one thread: whose words they quote and whom they answer; imports archive and reading.items."""
