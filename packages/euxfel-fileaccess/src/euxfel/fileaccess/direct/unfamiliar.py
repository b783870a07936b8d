"""The one way to give up."""


class UnfamiliarError(Exception):
    """Something is stored in a way that is not read here, or is damaged: ask the library."""
