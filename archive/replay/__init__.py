"""An archive made again from its captures, and the two compared."""
