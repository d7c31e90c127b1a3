"""Lists in files, one JSON object a line."""
