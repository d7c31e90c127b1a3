"""XML, its signatures and its encryption by lxml, xmlsec and cryptography."""
