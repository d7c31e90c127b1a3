"""SAML 2.0 over HTTP: metadata and single sign-on."""
