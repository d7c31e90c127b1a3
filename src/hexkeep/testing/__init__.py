"""Contract kits for every port, for Hexkeep's own adapters and for anyone's."""
