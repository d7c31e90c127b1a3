"""REST (RFC 9110) over every operation of an API, on Litestar; nothing here knows any noun."""
