"""Grafana's JSON of a dashboard, out of as few words as a panel needs.

In queries `$of` stands for the job and the instance that were chosen at the top of the dashboard, and
`$every` for the interval that rates are taken over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

SOURCE: Final[Json] = {"type": "prometheus", "uid": "${datasource}"}
CHOSEN: Final = 'job=~"$job", instance=~"$instance"'
GRID_COLUMNS: Final = 24
COLOURS: Final = ("green", "red")


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes:
        queries: PromQL by legend; a legend may name labels in double braces.
        unit: Of Grafana's list of units: `s`, `percentunit`, `short`, `bool_yes_no` …
        alert: The alert that watches the same; its page of the runbook is linked.
        red_from, red_below: Where the colour changes; the threshold of that alert.
        stat: The latest value in large figures instead of a curve.
        exemplars: Shows the traces that stand behind a histogram's buckets.
    """

    title: str
    description: str
    unit: str
    queries: dict[str, str]
    alert: str | None = None
    red_from: float | None = None
    red_below: float | None = None
    stat: bool = False
    exemplars: bool = False
    width: int = 8
    height: int = 8


@dataclass(frozen=True)
class Row:
    """Panels under a heading, from left to right, in as many lines as they need."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Dashboard:
    """A page of rows; `metric` is one that every server shown here exports."""

    name: str
    title: str
    description: str
    metric: str
    rows: Sequence[Row]


def quantile(share: float, histogram: str, *labels: str, over: str = "$every") -> str:
    """The value that a share of a histogram's measurements does not exceed, for each value of the labels."""
    kept = ", ".join([*labels, "le"])
    return f"histogram_quantile({share}, sum by ({kept}) (rate({histogram}_bucket{{$of}}[{over}])))"


def as_json(dashboard: Dashboard) -> Json:
    """What Grafana 10 and later import."""
    return {
        "uid": f"spreadmesh-{dashboard.name}",
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["spreadmesh"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "graphTooltip": 1,
        "links": [_siblings()],
        "templating": {"list": _variables(dashboard.metric)},
        "panels": list(_panels(dashboard.rows)),
    }


def _siblings() -> Json:
    return {
        "type": "dashboards",
        "title": "spreadmesh",
        "tags": ["spreadmesh"],
        "asDropdown": True,
        "includeVars": False,
        "keepTime": True,
    }


def _variables(metric: str) -> list[Json]:
    every = {
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "current": {"text": "All", "value": "$__all"},
    }
    instances = f'label_values({metric}{{job=~"$job"}}, instance)'
    return [
        {
            "name": "datasource",
            "label": "Prometheus",
            "type": "datasource",
            "query": "prometheus",
            "refresh": 1,
        },
        {"name": "job", "type": "query", "datasource": SOURCE, "query": f"label_values({metric}, job)"}
        | every,
        {"name": "instance", "type": "query", "datasource": SOURCE, "query": instances} | every,
        {"name": "runbook", "label": "Runbook", "type": "textbox", "query": "docs/operations.md"},
    ]


def _panels(rows: Sequence[Row]) -> Iterator[Json]:
    number = top = 0
    for row in rows:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": top, "w": GRID_COLUMNS, "h": 1},
        }
        top, left, deepest = top + 1, 0, 0
        for panel in row.panels:
            if left + panel.width > GRID_COLUMNS:
                top, left, deepest = top + deepest, 0, 0
            number += 1
            place = {"x": left, "y": top, "w": panel.width, "h": panel.height}
            yield {"id": number, "gridPos": place} | _panel(panel)
            left, deepest = left + panel.width, max(deepest, panel.height)
        top += deepest


def _panel(panel: Panel) -> Json:
    shown: Json = {
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
        "options": _options(panel),
        "targets": [
            _target(letter, legend, query, panel)
            for letter, (legend, query) in zip("ABCDEFGH", panel.queries.items(), strict=False)
        ],
    }
    if panel.alert is not None:
        anchor = f"${{runbook}}#{panel.alert.lower()}"
        shown["links"] = [{"title": f"What to do: {panel.alert}", "url": anchor, "targetBlank": True}]
    return shown


def _target(letter: str, legend: str, query: str, panel: Panel) -> Json:
    expression = query.replace("$of", CHOSEN).replace("$every", "$__rate_interval")
    asked = {"refId": letter, "datasource": SOURCE, "expr": expression, "legendFormat": legend}
    return asked | ({"instant": True} if panel.stat else {"range": True, "exemplar": panel.exemplars})


def _field(panel: Panel) -> Json:
    field: Json = {"unit": panel.unit, "color": {"mode": "thresholds" if panel.stat else "palette-classic"}}
    limit = panel.red_from if panel.red_from is not None else panel.red_below
    if limit is None:
        return field | {"thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": None}]}}
    below, above = COLOURS if panel.red_from is not None else COLOURS[::-1]
    steps = [{"color": below, "value": None}, {"color": above, "value": limit}]
    field["thresholds"] = {"mode": "absolute", "steps": steps}
    if not panel.stat:
        field["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return field


def _options(panel: Panel) -> Json:
    if panel.stat:
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background", "textMode": "auto"}
    return {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
