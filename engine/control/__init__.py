"""Writes to the plant: the one gate, and what stands in its way.

Import the parts from their own modules: the gate is loaded only at the stage "control".
"""
