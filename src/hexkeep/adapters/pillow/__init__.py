"""Pictures drawn anew by Pillow."""
