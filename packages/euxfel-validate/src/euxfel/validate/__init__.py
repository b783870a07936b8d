"""Find what is wrong with European XFEL files and runs.

Checks of files and runs; what they find is a list of values that can be shown, counted and kept.
"""

__all__: list[str] = []
