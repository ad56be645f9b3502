"""Margins of networks: the ones that have the greatest, a measure, and a certificate."""

from .certificate import margin_certificate as margin_certificate
from .construction import max_margin_net as max_margin_net
from .construction import max_margin_parity_net as max_margin_parity_net
from .measure import normalized_margin as normalized_margin
from .measure import normalized_margin_parity as normalized_margin_parity
