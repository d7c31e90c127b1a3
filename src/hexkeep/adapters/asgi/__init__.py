"""ASGI: what every HTTP application of ours shares, from the first look at a request to the dispatch by path."""
