"""The site: one for all packages."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "euxfel"
author = "the euxfel developers"
copyright = "the euxfel developers"
exclude_patterns = ["_build", "jupyter_execute"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "generated_pages",
]

html_theme = "pydata_sphinx_theme"
html_title = "euxfel"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Pages that are notebooks run when the site is built: an example that fails ends the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_member_order = "groupwise"
# Docstrings give the types, in words where words say more.
autodoc_typehints = "none"
numpydoc_show_class_members = False
# A name in single backticks is a link where it is one of ours.
default_role = "py:obj"

# The build needs no network, so names of other projects do not become links. Ours must.
nitpick_ignore_regex = [("py:.*", r"(?!euxfel\b).*")]
