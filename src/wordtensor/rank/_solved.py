"""A route with terms for all of its blocks."""

from dataclasses import dataclass, replace

from ..groups import Group
from ..schemes import Registry
from ._coordinates import in_exact_bases
from ._exact import exactly
from ._plan import PlannedRoute
from ._solution import Solution, SolvedBlock


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A route with factors for all of its blocks."""

    route: PlannedRoute
    solutions: tuple[Solution, ...]

    @property
    def rank(self) -> int:
        return sum(solution.rank for solution in self.solutions)

    @property
    def numerical(self) -> int:
        """Number of blocks whose terms are not exact."""
        return sum(solution.status == "numerical" for solution in self.solutions)

    @property
    def interrupted(self) -> bool:
        return any(solution.interrupted for solution in self.solutions)

    def blocks(self) -> list[SolvedBlock]:
        """Return the blocks with their bounds and terms."""
        bounds = [assessment.bound for assessment in self.route.assessments]
        return list(zip(self.route.blocks, bounds, self.solutions, strict=True))

    def exactly(self, work: float) -> "Solved":
        """Make what is numerical exact, where that is found."""
        pairs = zip(self.route.blocks, self.solutions, strict=True)
        try:
            return replace(self, solutions=tuple(exactly(*pair, work) for pair in pairs))
        except KeyboardInterrupt:
            return self.marked(interrupted=True)  # what there is already is worth more

    def rebased(self, group: Group, registry: Registry) -> "Solved":
        """Choose exact bases for a word over a group, where that is found."""
        made = in_exact_bases(self.route.blocks, self.solutions, group, registry)
        route = replace(self.route, blocks=tuple(block for block, _ in made))
        return Solved(route, tuple(solution for _, solution in made))

    def marked(self, interrupted: bool) -> "Solved":
        """Say that the search for something better was cut off."""
        if not interrupted or self.interrupted:
            return self
        last = replace(self.solutions[-1], interrupted=True)
        return Solved(self.route, (*self.solutions[:-1], last))
