"""Single sign-out: sessions that end are told to the applications in them, from server to server."""
