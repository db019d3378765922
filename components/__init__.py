"""The component resources of one stage's container platform."""

from components import sdk_modules

sdk_modules.load_when_asked_for()  # before a component imports pulumi_aws
