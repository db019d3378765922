"""Policies about what runs beside containers: instances that guard their credentials, functions with a runtime that is patched."""

from __future__ import annotations

from policies.rules.property_tables import Table, by_table, never, only
from policies.rules.rule import policy

_TOKENS = only("metadataOptions.httpTokens", "required")
METADATA: Table = {  # where nothing is said the image decides, or the account
    "aws:ec2/instance:Instance": (_TOKENS,),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": (_TOKENS,),
    "aws:ec2/launchTemplate:LaunchTemplate": (_TOKENS,),
    "aws:ec2/launchConfiguration:LaunchConfiguration": (_TOKENS,),
    "aws:sagemaker/notebookInstance:NotebookInstance": (
        never("instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion", "1", required="2"),
    ),
}

_RETIRED = (
    "nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x nodejs18.x nodejs20.x "
    "python2.7 python3.6 python3.7 python3.8 python3.9 java8 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 dotnet5.0 "
    "dotnet6 dotnet7 go1.x ruby2.5 ruby2.7 ruby3.2 provided"
)
"""Lambda Developer Guide, Lambda runtimes: those that AWS has deprecated; newer ones that are about to be are not here."""
_PATCHED = "a runtime that AWS still patches"
_RUNTIMES: Table = {
    "aws:lambda/function:Function": (never("runtime", _RETIRED, required=_PATCHED),),
    "aws:lambda/layerVersion:LayerVersion": (never("compatibleRuntimes.*", _RETIRED, required=_PATCHED),),
    "aws:glue/job:Job": (never("glueVersion", "0.9 1.0 2.0", required="4.0 or newer"),),
}

instance_metadata_by_token = policy(
    name="instance-metadata-by-token",
    what="An instance gives its role's credentials only to who asks with a token (IMDSv2).",
    why="By version 1 one request that an application forwards, as a URL that a visitor typed, brings the credentials out.",
    severity="high",
    how_to_fix="Set metadataOptions.httpTokens to required.",
    references="CKV_AWS_79 EC2.8 EC2.170",
    types=METADATA,
)(by_table(METADATA))

runtime_supported = policy(
    name="runtime-supported",
    what="A function or job runs on a runtime that AWS still patches.",
    why="After its deprecation no hole of it is fixed, and AWS refuses changes of the function.",
    severity="medium",
    how_to_fix="Set runtime to a supported one, such as nodejs22.x or python3.13.",
    url="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    references="CKV_AWS_363 Lambda.2",
    types=_RUNTIMES,
)(by_table(_RUNTIMES))
