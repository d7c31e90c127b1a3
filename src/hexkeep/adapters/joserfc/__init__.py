"""Keys and signatures by the joserfc library."""
