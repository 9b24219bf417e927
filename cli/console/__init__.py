"""What every verb shares: texts, names, times and exit codes as a terminal shows them."""
