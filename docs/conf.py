"""Configuration of the textbook: ``python -m sphinx -W --keep-going -b html docs docs/_build/html``."""

import hashlib
import importlib.metadata
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the fastest for the small matrices of the tutorials

import actlib  # noqa: E402

project = "actlib"
author = "the actlib authors"
copyright = "the actlib authors, BSD 3-Clause License"
try:
    release = importlib.metadata.version("actlib")
except importlib.metadata.PackageNotFoundError:  # built against a source tree that is not installed
    release = ""

extensions = [
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "katex_math",
    "citations",
    "derivation_directive",
    "derivation_index",
    "figure",
    "icon_font",
    "registry",
    "rosetta",
    "themed_plot",
    "counts",
    "answers",
    "lectures",
    "sheets",
    "book",
    "ebook",
    "playground",
    "page_source",
    "crosslinks",
    "descriptions",
    "measured",
]
exclude_patterns = ["_build", "_ext", "_templates", "_static", "sg_execution_times.rst", "**/sg_execution_times.rst"]
templates_path = ["_templates"]
default_role = None
nitpicky = True
nitpick_ignore = [  # the compiled base of Activation, and what is an attribute of that, have no page
    ("py:class", "actlib.kernels.calls.ElementwiseCall"),
    ("py:obj", "ufunc"),
]
nitpick_ignore_regex = [("py:obj", r"actlib\..*\.P")]  # the parameters of a generic class have no page
suppress_warnings = ["ref.citation"]  # a reference of the bibliography that no page cites yet is no fault


def fingerprint(package):
    """Changes when the package does: then every page is read again, for its numbers come from the package."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".so", ".pyd"}:
            digest.update(path.name.encode() + path.read_bytes())
    for path in sorted((HERE / "_ext").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def extends(app, what, name, member, options, lines):
    """The bases that are documented; what every class has would tell a reader nothing."""
    bases = [base for base in getattr(member, "__bases__", ()) if base.__module__.startswith("actlib")]
    if what == "class" and bases:
        links = (f":class:`~{base.__module__}.{base.__qualname__}`" for base in bases)
        lines[:0] = [f"Extends {', '.join(links)}.", ""]


def tables_left_out(app, what, name, member, skip, options):
    """Tables for the tests are no part of a class that a reader looks up."""
    return True if name == "offers" else None


def readable_signature(app, what, name, member, options, signature, returns):
    """A default that is made anew for each instance has no value to show."""
    return (signature.replace("<factory>", "..."), returns) if signature else None


def setup(app):
    app.add_config_value("package_fingerprint", "", "env")
    app.connect("autodoc-process-docstring", extends)
    app.connect("autodoc-skip-member", tables_left_out)
    app.connect("autodoc-process-signature", readable_signature)


package_fingerprint = fingerprint(Path(actlib.__file__).parent)

# Formulas
html_math_renderer = "katex"
katex_macros = {
    r"\E": r"\operatorname{\mathbb{E}}",
    r"\R": r"\mathbb{R}",
    r"\KL": r"D_{\mathrm{KL}}",
    r"\softmax": r"\operatorname{softmax}",
    r"\sign": r"\operatorname{sign}",
}

# Docstrings
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = False
add_module_names = True
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

# Tutorials: the gallery makes docs/tutorials from ../tutorials. Where there is none, a page says so.
TUTORIALS = HERE.parent / "tutorials"
GALLERY = HERE / "tutorials"
SECTIONS = (  # in the order of the chapters
    "nonlinearity",
    "gradients",
    "rectifiers",
    "capacity",
    "likelihood",
    "regression",
    "classification",
    "training",
    "numerics",
)
if any(TUTORIALS.rglob("plot_*.py")):
    extensions.append("sphinx_gallery.gen_gallery")
    sphinx_gallery_conf = {
        "examples_dirs": str(TUTORIALS),
        "gallery_dirs": str(GALLERY.relative_to(HERE)),
        "filename_pattern": r"plot_",
        "image_scrapers": ("gallery_scraper.scrape",),
        "reset_modules": ("gallery_scraper.reset",),
        "reset_modules_order": "both",
        "subsection_order": [f"../tutorials/{section}" for section in SECTIONS],
        "within_subsection_order": "FileNameSortKey",
        "nested_sections": False,
        "parallel": True,
        "abort_on_example_error": True,
        "download_all_examples": False,
        "remove_config_comments": True,
        "show_memory": False,
        "write_computation_times": False,  # its page of times loads scripts from elsewhere
        "show_signature": False,
        "min_reported_time": 1e9,
    }
else:
    GALLERY.mkdir(exist_ok=True)
    (GALLERY / "index.rst").write_text("Tutorials\n=========\n\nThis build has none.\n", "utf-8")

# Pages
html_theme = "pydata_sphinx_theme"
html_title = "actlib"
html_favicon = "_static/mark.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_search_scorer = str(HERE / "search_scorer.js")
html_show_search_summary = False  # summaries are fetched, which a browser refuses for file:// pages
html_domain_indices = False
html_use_index = True
html_context = {"default_mode": "auto"}
# no pages below them
WITHOUT_SIDEBAR = """
    index accuracy speed search genindex bibliography
    playground derivations sheets download contribute
""".split()
html_sidebars = {"**": ["sidebar-nav-bs"], **{page: [] for page in WITHOUT_SIDEBAR}}
html_theme_options = {
    "logo": {"text": "actlib"},  # the mark beside it comes from the style sheet
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 8,
    "show_prev_next": True,
    "show_nav_level": 1,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "article_footer_items": ["page-source"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "article_header_start": ["breadcrumbs"],
}

# The prompt and the results are shown, but copying a block takes the code alone.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
copybutton_exclude = ".linenos, .gp, .go"
