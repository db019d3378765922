"""Starts a policy pack for an engine without a language host: `python -m offline.pulumi.pack ENGINE_ADDRESS PACK_DIRECTORY`.

Since 3.274 such an engine takes an executable in place of the pack's folder (pkg/resource/plugin/analyzer_plugin.go of
pulumi/pulumi); what it starts is Pulumi's own `pulumi.policy`, in the pack's folder, ended with the engine.
"""

from __future__ import annotations

import os
import runpy
import sys

from offline.process import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    os.chdir(sys.argv[2])
    sys.argv[0] = "pulumi.policy"
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
