"""OpenID Connect and OAuth 2 over HTTP: the endpoints that relying parties and their browsers talk to."""
