"""SAML 2.0 over HTTP: metadata, single sign-on and single logout."""
