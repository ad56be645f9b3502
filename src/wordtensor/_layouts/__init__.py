"""Which arrays make which network: our names, those that others released, and any linear layers."""

from ._limits import largest as largest
from ._limits import table_digest as table_digest
from ._maps import mapped as mapped
from ._reading import Reading as Reading
from ._reading import readings as readings
from ._table import LAYOUTS as LAYOUTS
from ._table import Layout as Layout
from ._table import layout_named as layout_named
from ._table import layouts_text as layouts_text
