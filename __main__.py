"""The Pulumi program: reads the stage's settings, builds its platform, exports what people ask for."""

import gc

import pulumi

from components import interruption, platform
from settings.problems import SettingsError
from settings.reader import load

interruption.end_quietly()
gc.set_threshold(
    500_000, 50, 100
)  # resources only become more: looking for garbage among them took a quarter of the run
try:
    stage_settings = load()
except SettingsError as error:
    # A RunError is shown as its message alone, without a traceback.
    raise pulumi.RunError(str(error)) from error


async def register() -> None:
    """Register the stage, a component after the other, and what people ask for."""
    (await platform.build_in_steps(stage_settings)).export()


pulumi.run(register)
