"""The Pulumi program: reads the stage's settings, builds its platform, exports what people ask for."""

import pulumi

import settings
from components import interruption, platform

interruption.end_quietly()
try:
    stage_settings = settings.load()
except settings.SettingsError as error:
    # A RunError is shown as its message alone, without a traceback.
    raise pulumi.RunError(str(error)) from error

platform.build(stage_settings).export()
