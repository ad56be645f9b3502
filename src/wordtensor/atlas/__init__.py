"""The atlas: every word over every small group, up to relabelling, with ranks and bounds."""

from ._atlas import Atlas as Atlas
from ._atlas import default_atlas as default_atlas
from ._atlas import lookup as lookup
from ._atlas import read_atlas as read_atlas
from ._build import build as build
from .entry import Entry as Entry
