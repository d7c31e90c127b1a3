"""What is registered, by name: for records that may name an operation or a type of events."""

from types import MappingProxyType

from hexkeep.core.execution.asks import Registered, RegisteredOperation
from hexkeep.engine.registry import Registry


def registered_names(registry: Registry) -> Registered:
    """The names of all operations and types of events, those of plugins among them."""
    operations = {
        name: RegisteredOperation(one.api, registry.slice_of.get(name, ""), one.summary)
        for name, one in registry.operations.items()
    }
    return Registered(MappingProxyType(operations), frozenset(registry.events))
