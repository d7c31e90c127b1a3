"""A site with one instance for each test."""

from tests.unit.adapters.site import browser, site, tenant

__all__ = ["browser", "site", "tenant"]
