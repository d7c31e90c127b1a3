"""The plugins that ship with Hexkeep, in the order in which they are registered."""

BUILT_IN: tuple[object, ...] = ()
"""Objects or classes that implement hooks of ``hexkeep.ports.hooks``. A new first-party plugin is one line here."""
