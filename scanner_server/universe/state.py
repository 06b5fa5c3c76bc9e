"""What a job has done so far, and what of it its reader has not been told yet."""

from collections.abc import Callable
from dataclasses import dataclass

from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.universe_service_pb2 import (
    RunningUnderlying,
    RunUniverseScanResponse,
    UnderlyingFailure,
    UnderlyingOutcome,
    UniverseCandidate,
    UniverseProgress,
    UniverseRanking,
)

from mesh.errors import MeshError
from scanner_server.universe.merge import Place, Placed, merged


@dataclass(slots=True)
class Running:
    """An underlying at work: since when, and contracts as far as they are known."""

    since: float
    wanted: int | None = None
    quoted: int | None = None


class JobState:
    """Counts, the best so far, and news since the last message. Bounded by the number of underlyings."""

    def __init__(self, underlyings: int, rank_by: str, limit: int, monotonic: Callable[[], float]) -> None:
        """Nothing done yet.

        Args:
            underlyings: how many the job has.
            rank_by: "score", or the figure that is ranked by.
            limit: how many candidates are listed.
            monotonic: seconds of this machine.
        """
        self._rank_by = rank_by
        self._limit = limit
        self._monotonic = monotonic
        self._began_at = monotonic()
        self._progress = UniverseProgress(underlyings=underlyings)
        self._running: dict[str, Running] = {}
        self._best: tuple[Placed[UniverseCandidate], ...] = ()
        self._ended: list[UnderlyingOutcome] = []
        self._has_new_ranking = False

    def __repr__(self) -> str:
        return f"<JobState {self.summary}, at work: {[*self._running]}>"

    @property
    def is_complete(self) -> bool:
        """Whether every underlying has ended."""
        return self._progress.done + self._progress.failed == self._progress.underlyings

    @property
    def summary(self) -> str:
        """How far it came, in words."""
        progress = self._progress
        return f"{progress.done} of {progress.underlyings} underlyings were ranked, {progress.failed} failed"

    def began(self, symbol: str) -> None:
        """An underlying is at work."""
        self._running[symbol] = Running(self._monotonic())

    def covered(self, symbol: str, wanted: int, quoted: int) -> None:
        """So many contracts of an underlying at work are wanted and quoted."""
        running = self._running[symbol]
        running.wanted, running.quoted = wanted, quoted

    def ranked(self, symbol: str, ranking: Ranking) -> None:
        """An underlying has its ranking."""
        found = (_placed(symbol, ranking, candidate, self._rank_by) for candidate in ranking.candidates)
        self._best = merged(self._best, found, self._limit)
        self._has_new_ranking = True
        self._progress.done += 1
        self._progress.candidates_formed += ranking.basis.candidates_formed
        self._end(symbol).basis.CopyFrom(ranking.basis)

    def failed(self, symbol: str, error: MeshError) -> None:
        """An underlying could not be ranked."""
        self._progress.failed += 1
        failure = UnderlyingFailure(code=error.code.name, reason=error.message)
        self._end(symbol).failure.CopyFrom(failure)

    def gave_up(self, symbol: str) -> None:
        """Work on an underlying has been broken off."""
        self._running.pop(symbol, None)

    def response(self, *, is_last: bool = False) -> RunUniverseScanResponse:
        """The next message; what it tells counts as told."""
        response = RunUniverseScanResponse(progress=self._told_progress(), ended=self._ended)
        if self._has_new_ranking or is_last:
            response.ranking.CopyFrom(UniverseRanking(candidates=[placed.item for placed in self._best]))
        response.complete = is_last and self.is_complete
        self._ended, self._has_new_ranking = [], False
        return response

    def _end(self, symbol: str) -> UnderlyingOutcome:
        running = self._running.pop(symbol)
        self._progress.contracts_wanted += running.wanted or 0
        self._progress.contracts_quoted += running.quoted or 0
        outcome = UnderlyingOutcome(symbol=symbol, seconds=self._monotonic() - running.since)
        self._ended.append(outcome)
        return outcome

    def _told_progress(self) -> UniverseProgress:
        now = self._monotonic()
        told = UniverseProgress(elapsed_seconds=now - self._began_at)
        told.MergeFrom(self._progress)
        for symbol, running in self._running.items():
            told.contracts_wanted += running.wanted or 0
            told.contracts_quoted += running.quoted or 0
            told.running.append(
                RunningUnderlying(
                    symbol=symbol,
                    contracts_wanted=running.wanted,
                    contracts_quoted=running.quoted,
                    elapsed_seconds=now - running.since,
                )
            )
        return told


def _placed(symbol: str, ranking: Ranking, candidate: Candidate, rank_by: str) -> Placed[UniverseCandidate]:
    con_ids = tuple(leg.con_id for leg in sorted(candidate.legs, key=lambda leg: leg.strike))
    message = UniverseCandidate(
        underlying=symbol,
        market_time=ranking.market_time,
        spot=ranking.surface.spot,
        surface_number=ranking.surface.number,
        candidate=candidate,
    )
    place = Place(-getattr(candidate, rank_by), candidate.max_loss, con_ids, candidate.strategy)
    return Placed(place, message)
