"""A route with terms for all of its blocks."""

from dataclasses import dataclass, replace

from ._coordinates import in_exact_bases
from ._exact import exactly
from ._plan import Plan, PlannedRoute
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

    def exactly(self, plan: Plan, work: float) -> "Solved":
        """Make what is numerical exact, and then the bases, where that is found."""
        pairs = zip(self.route.blocks, self.solutions, strict=True)
        try:
            found = [exactly(block, each, work) for block, each in pairs]
        except KeyboardInterrupt:
            return self.marked(interrupted=True)  # what there is already is worth more
        made = in_exact_bases(self.route.blocks, found, plan.group, plan.registry)
        route = replace(self.route, blocks=tuple(block for block, _ in made))
        return Solved(route, tuple(solution for _, solution in made))

    def marked(self, interrupted: bool) -> "Solved":
        """Say that the search for something better was cut off."""
        if not interrupted or self.interrupted:
            return self
        last = replace(self.solutions[-1], interrupted=True)
        return Solved(self.route, (*self.solutions[:-1], last))
