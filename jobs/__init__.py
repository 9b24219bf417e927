"""What a verb does, without a screen: options in, a report out, a callback for progress; no click, no print."""
