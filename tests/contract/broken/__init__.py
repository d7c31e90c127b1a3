"""Storages with one defect each. ``test_kits_catch.py`` runs these files by their paths; nobody else collects them."""
