"""Web Authentication by py_webauthn."""
