"""Figures of the plant, counted from live values: OEE, throughput and energy per piece."""

from engine.kpi.kpis import Kpis
from engine.kpi.past import past_figures

__all__ = ["Kpis", "past_figures"]
