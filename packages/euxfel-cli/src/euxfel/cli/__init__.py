"""What people type: list, check, draw, write and stream European XFEL data.

The program ``euxfel``, its subcommands, and the names that scripts of the field call.
"""

__all__: list[str] = []
