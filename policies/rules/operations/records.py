"""The policy `records-complete`: what records an account's calls and changes records all of them."""

from __future__ import annotations

from policies.rules.property_tables import Table, by_table, on
from policies.rules.rule import policy

RECORDS: Table = {
    "aws:cloudtrail/trail:Trail": (
        on("isMultiRegionTrail"),
        on("enableLogFileValidation"),
        on("enableLogging", default="true"),
        on("includeGlobalServiceEvents", default="true"),
    ),
    "aws:cfg/recorder:Recorder": (on("recordingGroup", "allSupported", default="true"),),
    "aws:cfg/recorderStatus:RecorderStatus": (on("isEnabled", default=None),),
    "aws:guardduty/detector:Detector": (on("enable", default="true"),),
}

records_complete = policy(
    name="records-complete",
    what="A trail, recorder or detector is on, for every region, with records that cannot be changed unseen.",
    why="Who breaks in works where nobody looks: in another region, or in the log itself.",
    severity="medium",
    how_to_fix="Set isMultiRegionTrail and enableLogFileValidation to true, and leave nothing switched off.",
    references="CKV_AWS_36 CKV_AWS_67 CloudTrail.1 CloudTrail.4",
    types=RECORDS,
)(by_table(RECORDS))
