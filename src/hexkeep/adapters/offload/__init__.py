"""Work beside the event loop: in a thread, or in processes of its own."""
