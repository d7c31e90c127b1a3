"""Archives: a store, or one instance, as a stream of records that can be kept, checked and loaded again."""
