"""What can be scanned for, as messages."""

from spreadmesh.scan.v1.catalogue_pb2 import Figure, ListFiguresResponse, ListStrategiesResponse, Strategy

from scanner_server.figures.table import FIGURES
from scanner_server.strategies.registry import every_strategy


def strategies_message() -> ListStrategiesResponse:
    """Every strategy, in alphabetical order."""
    ordered = sorted(every_strategy(), key=lambda strategy: strategy.name)
    return ListStrategiesResponse(
        strategies=[
            Strategy(
                name=strategy.name,
                family=strategy.family,
                summary=strategy.description,
                legs=len(strategy.legs),
            )
            for strategy in ordered
        ]
    )


def figures_message() -> ListFiguresResponse:
    """Every figure, in the order in which filters on them are tried."""
    return ListFiguresResponse(
        figures=[
            Figure(
                name=figure.name,
                unit=figure.unit,
                summary=f"{figure.description} Positive: {figure.sign}.",
            )
            for figure in FIGURES
        ]
    )
