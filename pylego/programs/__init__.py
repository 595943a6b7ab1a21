"""Recording Python code as programs of the engine, and keeping them."""
