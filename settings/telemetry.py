"""The switch of OpenTelemetry: whether a collector stands beside every service, and how large it is."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from settings.base import Misfit, SettingsModel
from settings.problems import put


class Telemetry(SettingsModel):
    """The OpenTelemetry collector beside every service: traces to X-Ray, metrics to CloudWatch."""

    enabled: bool = Field(default=False, examples=[True])
    """Whether services have the collector and the OTEL_* variables."""
    collector_image: str | None = Field(
        default=None,
        pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$",
        examples=[
            "public.ecr.aws/aws-observability/aws-otel-collector@sha256:7968fb60db6a2390a47ba6a2df029745638486e285c9b2487da1b722d0855a3e"
        ],
    )
    """Image of the AWS Distro for OpenTelemetry collector, by digest."""
    cpu: int = Field(default=32, ge=1, le=4096, examples=[32])
    """CPU units of each task that are reserved for the collector."""
    memory: int = Field(default=160, ge=64, le=8192, examples=[160])
    """MiB of each task that are reserved for the collector; above it the collector is killed, and the service goes on."""

    def misfits(self) -> Iterator[Misfit]:
        """A collector without an image."""
        if self.enabled and self.collector_image is None:
            why = "enabled: true needs collectorImage, the collector's image by digest"
            yield Misfit(key="enabled", found=True, why=why, example=put(enabled=False))
