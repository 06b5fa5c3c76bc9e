"""Entry point of ``python -m tws_sim``."""

from tws_sim.cli import app

app(prog_name="python -m tws_sim")
