"""What the modules of the OpenID Foundation's conformance plans check, through the whole HTTP application."""
