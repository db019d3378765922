"""The Pulumi program: reads the stage's settings, builds its platform, exports what people ask for."""

import pulumi

from components import interruption, platform
from settings.problems import SettingsError
from settings.reader import load

interruption.end_quietly()
try:
    stage_settings = load()
except SettingsError as error:
    # A RunError is shown as its message alone, without a traceback.
    raise pulumi.RunError(str(error)) from error

platform.build(stage_settings).export()
