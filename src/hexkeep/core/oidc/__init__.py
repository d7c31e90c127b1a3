"""Protocol rules of OAuth 2 and OpenID Connect as pure functions over values, one file per RFC or profile."""
