"""Decides, look by look, whether a service runs the images that were asked for. Pure: descriptions in, verdict out.

The verdict compares what runs with what was requested. No status of a deploy action is taken for it: a deployment that
the circuit breaker rolled back can be reported as a success there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from .revisions import number, short

GRACE_S: Final = 60.0
"""Seconds from the first look in which a requested deployment may not have appeared yet."""
MOST_FAILURES: Final = 5
"""Looks in a row that AWS may leave unanswered; boto3 has retried each of them five times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What the service is to run: images by container and, where it is known, the very revision."""

    images: Mapping[str, str]
    revision: str | None = None
    placeholder_image: str | None = None
    """The image that stands in until the first deployment, where it is known."""

    def runs_in(self, deployment: Deployment) -> bool:
        """Whether a deployment is of what was requested."""
        if self.revision is not None and deployment.revision != self.revision:
            return False
        return all(deployment.images.get(name) == image for name, image in self.images.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of a service as DescribeServices shows it, with the images of its revision."""

    id: str
    revision: str
    """ARN of the task definition."""
    images: Mapping[str, str]
    primary: bool
    """Whether it is the newest one, to which the service moves."""
    rollout: str = ""
    """rolloutState: IN_PROGRESS, COMPLETED or FAILED."""
    reason: str = ""
    desired: int = 0
    running: int = 0
    pending: int = 0
    failed: int = 0
    """Tasks of it that did not start, or did not become healthy."""
    placeholder: tuple[str, ...] = ()
    """The images of its containers that still have the placeholder's command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One look at the service."""

    status: str
    deployments: tuple[Deployment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """AWS knows no such service, or no such cluster."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """AWS did not answer the look."""

    reason: str
    transient: bool


Look = Service | Missing | Unanswered
Kind = Literal[
    "verified",
    "rolled-back",
    "superseded",
    "not-running",
    "failed",
    "stalled",
    "idle",
    "placeholder",
    "missing",
    "unanswered",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it ended. Only "verified" is a success."""

    kind: Kind
    sentence: str
    revision: str | None = None
    """The revision that the sentence is about: where it did not come to run, its stopped tasks say why."""

    @property
    def verified(self) -> bool:
        """Whether the requested images run."""
        return self.kind == "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing is decided yet; `progress` says what is going on."""

    progress: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the looks so far have shown. `advance` gives the next state and what it came to."""

    service: str
    requested: Requested
    limit_s: float
    """Seconds from the first look after which a deployment counts as stalled."""
    seen: str | None = None
    """The revision of the requested deployment, once it was seen."""
    failures: int = 0

    def advance(self, look: Look, elapsed_s: float) -> tuple[Verification, Verdict | Waiting]:
        """Take one look into account, made `elapsed_s` seconds after the first."""
        over = elapsed_s >= self.limit_s
        match look:
            case Missing(reason=reason):
                return self, Verdict("missing", reason)
            case Unanswered():
                return self._unanswered(look, over=over)
            case Service():
                found = [deployment for deployment in look.deployments if self.requested.runs_in(deployment)]
                state = replace(self, failures=0, seen=found[0].revision if found else self.seen)
                return state, state._judge(look, found, elapsed_s=elapsed_s, over=over)

    def _unanswered(self, look: Unanswered, *, over: bool) -> tuple[Verification, Verdict | Waiting]:
        state = replace(self, failures=self.failures + 1)
        if look.transient and state.failures <= MOST_FAILURES and not over:
            return state, Waiting(progress=f"no answer from AWS ({state.failures} of {MOST_FAILURES}): {look.reason}")
        return state, Verdict("unanswered", f"{self.service} could not be looked at: {look.reason}")

    def _judge(self, look: Service, found: list[Deployment], *, elapsed_s: float, over: bool) -> Verdict | Waiting:
        if look.status != "ACTIVE":
            return Verdict("missing", f"The service {self.service} is {look.status}: it is being deleted.")
        primary = next((deployment for deployment in look.deployments if deployment.primary), None)
        if primary is None:
            return self._stalled(None) if over else Waiting(progress="no deployment has begun")
        if primary not in found:
            return self._elsewhere(primary, found, waits=elapsed_s < min(GRACE_S, self.limit_s))
        return self._own(primary, look, over=over)

    def _own(self, primary: Deployment, look: Service, *, over: bool) -> Verdict | Waiting:
        """The service moves to the requested images, or has."""
        revision = short(primary.revision)
        if primary.rollout == "FAILED":
            why = primary.reason or "no reason given"
            return Verdict("failed", f"{self.service}: ECS gave {revision} up: {why}", primary.revision)
        others = sum(deployment.running for deployment in look.deployments if not deployment.primary)
        if primary.rollout == "COMPLETED" and primary.running >= primary.desired and not others:
            return self._steady(primary)
        return self._stalled(primary) if over else Waiting(progress=_progress(primary, others))

    def _steady(self, primary: Deployment) -> Verdict:
        """The deployment is over, and everything that runs is of its revision."""
        revision = short(primary.revision)
        if primary.desired == 0:
            return Verdict(
                "idle",
                f"{self.service} is set to {revision}, but its desired count is 0: no task has shown that the image "
                "starts. Raise the count (tasks.min) and verify again.",
                primary.revision,
            )
        known = self.requested.placeholder_image
        deployed = [image for image in primary.placeholder if known is not None and image != known]
        if primary.placeholder and (self.requested.revision is None or deployed):
            what = f" ({', '.join(deployed)})" if deployed else ""
            return Verdict(
                "placeholder",
                f"{self.service} runs {revision} with the placeholder's command, so the image{what} has not shown that it "
                "starts: `python3 -m delivery hand-over` must come before the service's first deployment.",
                primary.revision,
            )
        note = " No image has been deployed yet: this is the placeholder." if primary.placeholder else ""
        counts = f"{primary.running} of {primary.desired} tasks"
        return Verdict("verified", f"{self.service} runs {revision}: {counts}.{note}", primary.revision)

    def _elsewhere(self, primary: Deployment, found: list[Deployment], *, waits: bool) -> Verdict | Waiting:
        """The service moves to something else, or has."""
        runs = f"{short(primary.revision)} ({', '.join(sorted(primary.images.values()))})"
        if self.seen is None:
            if waits:
                return Waiting(progress=f"{runs} runs; the requested deployment has not appeared")
            sentence = (
                f"{self.service} runs {runs}, not {self._wanted()}. The deployment was rolled back, or never began."
            )
            return Verdict("not-running", sentence, self.requested.revision)
        gone = short(self.seen)
        if number(primary.revision) > number(self.seen) and not any(item.rollout == "FAILED" for item in found):
            return Verdict(
                "superseded",
                f"{self.service}: {gone} was replaced by {runs} before it had proven itself. Let one deployment end "
                "before the next begins: `up` must not run while the pipeline deploys.",
                self.seen,
            )
        reasons = [item.reason for item in found if item.rollout == "FAILED" and item.reason] or [primary.reason]
        said = f" ECS: {reasons[0]}" if reasons[0] else ""
        return Verdict("rolled-back", f"{self.service}: {gone} was rolled back; {runs} runs instead.{said}", self.seen)

    def _stalled(self, primary: Deployment | None) -> Verdict:
        waited = f"{self.limit_s / 60:g} minutes"
        if primary is None:
            return Verdict("stalled", f"{self.service} has no deployment after {waited}.")
        state = f"{short(primary.revision)} is not stable after {waited}: {_progress(primary, 0)}"
        return Verdict("stalled", f"{self.service}: {state}.", primary.revision)

    def _wanted(self) -> str:
        if self.requested.revision is not None:
            return short(self.requested.revision)
        return ", ".join(f"{name}={image}" for name, image in sorted(self.requested.images.items()))


def _progress(primary: Deployment, others: int) -> str:
    parts = [f"{short(primary.revision)}: {primary.running} of {primary.desired} tasks run"]
    parts += [f"{primary.pending} start"] if primary.pending else []
    parts += [f"{primary.failed} failed"] if primary.failed else []
    parts += [f"{others} of the revision before still run"] if others else []
    return ", ".join(parts)
