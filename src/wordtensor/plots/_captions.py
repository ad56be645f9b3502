"""What stands below each picture, in the gallery and on the page of a comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Caption:
    """What a picture shows, how it is read, and what a good net looks like on it."""

    shows: str
    read: str
    good: str


# By the name of the function that draws it; ``shows`` is the first line of its docstring.
CAPTIONS: Final[Mapping[str, Caption]] = MappingProxyType(
    {
        "network_widths": Caption(
            "How many neurons a net has and needs, beside the rank of the word tensor.",
            "Blue bars count neurons of the net, from all of them down to those that it needs. "
            "The orange bar is the number of terms of the decomposition, and the green one is a "
            "proved lower bound on it.",
            "A net of multiplying neurons that computes the tensor itself needs at least the "
            "green number of them for the same function, and a good one needs as many as the "
            "orange one says. The bound says nothing of neurons such as relu, nor of being "
            "right by the largest logit alone.",
        ),
        "pruning_curve": Caption(
            "How much the logits change when a net loses its neurons one by one.",
            "Read from right to left: each step removes the neuron that is missed least, and "
            "fits the readout anew. Blue vertical lines are where the logits (dashed) or the "
            "right answers (dotted) begin to change.",
            "A net with neurons to spare has a flat part on the right, below the tolerance. A "
            "net without waste rises at once, and stands at the orange line if it is as small "
            "as the decomposition.",
        ),
        "block_ranks": Caption(
            "How many terms the decomposition takes for each block of the word tensor.",
            "Each orange bar is one kind of block, with the number of its terms at the end; 2 × "
            "<3,3,3> are two products of 3 x 3 matrices. A green mark is the block's own lower "
            "bound.",
            "Where the mark is at the end of the bar, the block is settled: no one can do with "
            "fewer terms. Where it is not, a better scheme may exist.",
        ),
        "block_matches": Caption(
            "Which algorithm the net's neurons carry out in each block of the decomposition.",
            "A bar counts the net's terms in a block, where parallel neurons are one term; the "
            "orange mark is the number of terms of the decomposition. The words at the bar say "
            "which known terms they are equal to, up to symmetries. A grey bar is equal to "
            "none.",
            "In a net that found the best known algorithm every bar is blue and ends at its "
            "mark. A grey bar is no error: many algorithms exist that have no name.",
        ),
        "logit_similarities": Caption(
            "How much the logits are like the character of each irrep.",
            "A bar is the cosine of the logits with the character of w(a, b) c⁻¹. Blue irreps "
            "are above 0.005: the key irreps. Grey ones are not used. The trivial irrep is "
            "constant and is left out.",
            "A net that generalises has a few tall bars, or one for each irrep of the word. A "
            "table of the training pairs has bars as well, and the taller the more pairs there "
            "are: only what exceeds them was learned about the word.",
        ),
        "weights_explained": Caption(
            "Which irreps the weights of the net are made of.",
            "For each irrep, three bars: the share of the variance of the two embeddings and of "
            "the readout that its matrix entries explain. A star marks key irreps.",
            "In a net that generalises the three bars of an irrep are of one height, the key "
            "irreps have nearly all, and the others next to nothing. Random weights have shares "
            "as the squared dimensions.",
        ),
        "neurons_explained": Caption(
            "Which irreps the activations of the neurons are made of.",
            "For each irrep, three bars: the share of the variance of the neurons that is a "
            "function of ρ(a) alone, of ρ(b) alone, and of ρ of the word's value.",
            "The bar of the word's value is what the answer is read from; it should be there "
            "for every key irrep. Neurons that multiply have nothing of a or b alone; those of "
            "relu nets have much, and this says nothing against them.",
        ),
        "neuron_energies": Caption(
            "In which irreps each active neuron lives.",
            "Each row is a neuron and each column an irrep; dark means that all of the neuron's "
            "energy is there. Rows are in the same order for a, b and c: by triplet, the most "
            "numerous first.",
            "In a net that uses irreps every row has one dark cell, and the rows form steps. "
            "Rows that are pale all along are mixed neurons, as random ones are.",
        ),
        "triplet_shares": Caption(
            "How much of each neuron's energy lies in a single triplet of irreps.",
            "Active neurons are sorted, the purest first. The dotted line is the threshold "
            "above which a neuron counts as in one triplet; below the grey dashed line are 19 "
            "of 20 neurons with random weights.",
            "A net that uses irreps stays near 1 for nearly all neurons and falls late. A curve "
            "near the grey line is chance.",
        ),
        "logit_energies": Caption(
            "For which pairs of irreps of a and b the logits have energy.",
            "Rows are irreps of a, columns irreps of b; numbers are percentages of the whole, "
            "summed over irreps of c. Pairs that the word needs have an orange frame. The map "
            "of the word tensor beside it, where there is one, is the aim.",
            "In a good net of multiplying neurons the energy is in the frames alone, in the "
            "proportions of the word tensor; energy outside of the frames is noise or what was "
            "learned by heart. In relu nets much energy may lie in the row and the column of the "
            "trivial irrep: functions of one input alone, which are normal.",
        ),
        "triplet_energies": Caption(
            "How the logits' energy is spread over triplets of irreps.",
            "Blue bars are triplets that the word needs, grey ones are others. Orange marks are "
            "the word tensor's own shares.",
            "In a net that computes the tensor every blue bar ends at its mark and there are no "
            "grey bars. A net that is right by its largest logit alone may leave out a triplet.",
        ),
        "ablation_effects": Caption(
            "How right the net still is when a part of it is removed, kept alone or replaced.",
            "The line is the whole net. A bar goes from it to what is left: red with a part of "
            "the logits or some neurons removed, blue with that part alone, orange with a part "
            "replaced by the decomposition's terms.",
            "Parts that carry the answer have long red bars. If only the triplets that the word "
            "needs are kept, the accuracy should not fall; if it rises, the rest was learned by "
            "heart.",
        ),
        "coset_counts": Caption(
            "Which subgroups have the cosets that the neurons read.",
            "Each neuron is counted once, at the class of subgroups on whose cosets it is most "
            "nearly constant. The dark part is of neurons that are constant to the lowest "
            "threshold.",
            "Long dark bars at few subgroups, with C < 1e-06, speak for coset circuits. Light bars "
            "do not: functions of a single irrep have them as well.",
        ),
        "concentration_histogram": Caption(
            "How nearly constant on cosets the neurons are, beside random functions.",
            "C is the sum, over the left or the right cosets of the best subgroup of each neuron, "
            "of the variance within a coset over the whole variance: 0 means constant on every "
            "coset. Grey are random functions.",
            "Blue bars below 1e-6 are neurons that read cosets. Those between 1e-6 and 1 are what "
            "functions of a single irrep do as well, and where blue lies over grey, the reading "
            "is chance.",
        ),
        "training_curves": Caption(
            "How the net became right over training.",
            "The solid line is of pairs that it was not trained on, the dashed one of its "
            "training pairs. A band is the range over instances, the line their median.",
            "The two rise together, or the solid one follows late, which is grokking. If it "
            "stays down while the other is at 1, the net learned by heart.",
        ),
        "similarity_curves": Caption(
            "When the net learned each irrep.",
            "Each blue line is a key irrep, the earliest the darkest, and its height is the "
            "cosine of the logits with its character. Grey lines are irreps that it does not "
            "use. The legend has the first step above the threshold; a tie is of irreps that are "
            "first seen at the same checkpoint.",
            "Lines rise, and stay. Where there are ties, only finer checkpoints can tell in which "
            "order. A line that rises and falls again was a detour.",
        ),
    }
)
