"""Figures of the plant, counted from live values: OEE, throughput and energy per piece."""

from engine.kpi.kpis import Kpis

__all__ = ["Kpis"]
