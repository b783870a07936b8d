"""Write what is selected of European XFEL data to new files.

Selections of runs, virtual files, CXI files for other programs, and new EXDF files.
"""

__all__: list[str] = []
