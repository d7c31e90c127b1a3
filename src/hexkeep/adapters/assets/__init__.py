"""Pictures and fonts over HTTP, as bytes."""
