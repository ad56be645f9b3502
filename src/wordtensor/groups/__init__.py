"""Finite groups: the `Group` value, names, families, and what there is inside a group."""

from ._group import Group as Group
from ._isomorphism import isomorphism as isomorphism
from ._subgroups import Subgroup as Subgroup
from ._subgroups import subgroups as subgroups
from ._tables import MAX_ORDER as MAX_ORDER
from .classes import ConjugacyClasses as ConjugacyClasses
from .classes import conjugacy_classes as conjugacy_classes
from .families import semidirect as semidirect
from .files import read_group as read_group
from .identification import Identity as Identity
from .identification import identify as identify
from .names import group as group
from .products import direct_product as direct_product
from .structure import centre as centre
from .structure import element_orders as element_orders
from .structure import exponent as exponent
from .structure import generating_set as generating_set
from .structure import is_abelian as is_abelian
from .structure import is_homomorphism as is_homomorphism
from .structure import power_map as power_map
from .structure import subgroup as subgroup
