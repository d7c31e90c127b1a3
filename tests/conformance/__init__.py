"""The conformance plans of the OpenID Foundation's suite, module by module, and the tests of ours that cover them."""
