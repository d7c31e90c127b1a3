"""Messages that are made by a function. Made by `python -m hexkeep.client.generate`; do not edit."""
