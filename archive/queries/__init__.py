"""What commands ask of an archive."""
