"""Settings of the site: `make docs` builds it into build/site."""

import sys
from pathlib import Path

import wordtensor

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "wordtensor"
author = "The wordtensor developers"
release = version = wordtensor.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "mathml",
    "public_names",
    "example_imports",
    "generated",
    "atlas_table",
]
exclude_patterns = ["_ext", "_build"]
templates_path = ["_templates"]
nitpicky = False
suppress_warnings = ["config.cache"]

# Pages: MyST. A `{code-cell}` runs when the site is built; other examples are run by the tests.
# autosummary writes its pages with the first suffix.
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb"}
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath", "amsmath"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

# Mathematics becomes MathML, which a browser draws by itself: no script, no network.
html_math_renderer = "mathml"

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

# The reference: what the docstrings say. `name` links to what is so called.
default_role = "py:obj"
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"  # but for the public names
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

html_theme = "pydata_sphinx_theme"
html_title = f"wordtensor {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["tables.js"]
smartquotes = False  # "real" in a docstring is to be copied
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "collapse_navigation": True,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "install": [], "faq": [], "glossary": [], "bibliography": []}
