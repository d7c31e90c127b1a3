"""What the plugin ``idp_saml`` is made of: metadata of identity providers, messages, and answers judged."""
