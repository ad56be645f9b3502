"""From a net to its certificate: whether it has the greatest margin, or how far it is from that."""

from ...errors import NetworkError
from ...groups import Group, group
from ...margins import MarginCertificate, margin_optimum
from ...margins.certificate import certify
from ..models import Net, TwoLayerPerceptron
from .measure import check_pair_net, logit_blocks, norm_power


def margin_certificate(net: Net, G: Group | str) -> MarginCertificate:
    """Hold a quadratic net against the greatest margin on a*b.

    Parameters
    ----------
    net : MarginNet
        Or a `TwoLayerPerceptron` with the activation "square"; a single instance.
    G : Group or str
        Of the net's order n.

    Returns
    -------
    MarginCertificate
        Prints as a table.

    Raises
    ------
    NetworkError
        If the net is of another kind, of another order, zero, or holds many instances.

    Notes
    -----
    For every net, ``margin <= weighted margin <= gamma*``: the first as a weighted mean of wrong
    logits is at most their maximum, the second by `margin_optimum`. At a maximum-margin net all
    three are equal, all pairs lie on the margin, and labels with tau > 0 are among the best wrong
    ones (condition C.1).

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, lemmas 4 to 6.

    Examples
    --------
    >>> from wordtensor.nets.margins import max_margin_net
    >>> certificate = margin_certificate(max_margin_net("C5"), "C5")
    >>> certificate.is_max_margin, certificate.neurons.tolist()
    (True, [0, 8, 8])
    """
    G = group(G)
    net = check_pair_net(net, G)
    if not isinstance(net, TwoLayerPerceptron) or net.degree != 3:
        raise NetworkError(
            f"The bound gamma* is for quadratic nets, such as MarginNet; for {net!r} use "
            "normalized_margin alone"
        )
    if net.instances is not None:
        raise NetworkError(
            f"The net holds {net.instances} instances; certify net.instance(k) for each k"
        )
    return certify(margin_optimum(G), net.factors(), float(norm_power(net)), logit_blocks(net))
