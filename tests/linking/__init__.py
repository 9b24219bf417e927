"""Invented threads in several house styles, each comment with whom it answers by a cue, or the trap that it sets."""
