"""Reports: a comparison as one page of HTML that needs nothing else; needs matplotlib."""

from .page import comparison_html as comparison_html
from .page import write_comparison as write_comparison
