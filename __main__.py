"""The Pulumi program: reads the stage's settings, builds its platform, exports what people ask for."""

# ruff: noqa: E402 - the imports come after what makes them cheaper
import gc

# Modules and resources only become more: looking through all of them for garbage took a quarter of the run. What the SDK leaves
# behind at each resource is found among the newest 30,000 objects.
gc.set_threshold(30_000, 50, 100)

import pulumi

from components import debug_lines, interruption, platform
from settings.problems import SettingsError
from settings.reader import load

interruption.end_quietly()
debug_lines.send_together()
try:
    stage_settings = load()
except SettingsError as error:
    # A RunError is shown as its message alone, without a traceback.
    raise pulumi.RunError(str(error)) from error


async def register() -> None:
    """Register the stage, a component after the other, and what people ask for."""
    (await platform.build_in_steps(stage_settings)).export()


pulumi.run(register)
