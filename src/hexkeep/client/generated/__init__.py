"""Made by ``python -m hexkeep.client.generate`` from the operations; do not edit."""
