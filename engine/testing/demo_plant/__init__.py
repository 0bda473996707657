"""The demo plant: a roof press and its utilities behind a real OPC UA and a real Modbus server.

``python -m engine.testing.demo_plant``; imported by tests and started by ``watchroom demo``, never
by the running product.
"""
