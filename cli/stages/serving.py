"""`./run up --serve`: the recorded platform as an AWS endpoint on loopback, with a command to ask it, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from rich.console import Console

from offline.aws.serve import serve
from offline.stage import offline_stage

if TYPE_CHECKING:
    from cli.stages.operation import Operation


def serve_stage(out: Console, operation: Operation) -> None:
    """Bring the recorded platform back from its journal and answer requests until a signal comes."""
    project, state = operation.project_dir, operation.state_dir
    with offline_stage(project_dir=project, state_dir=state, stage=operation.stage) as recorded:
        region = recorded.provider.aws.region
        clusters = [arn.rsplit("/", 1)[-1] for arn in recorded.call("ecs", "list_clusters")["clusterArns"]]
    served = serve(recorded.provider, operation.port)
    stopped = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda _number, _frame: stopped.set())
    try:
        out.print(
            f"\nThe offline AWS answers on {served.url} (this machine only; Ctrl-C ends it). Ask it, for example:"
        )
        out.print(f"  {example(served.url, region, clusters)}")
        out.file.flush()
        stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        served.stop()
    out.print("The offline AWS is gone; what `up` recorded stays.")


def example(url: str, region: str, clusters: list[str]) -> str:
    """A command ready to paste: any key pair is accepted, but the AWS CLI insists on one."""
    credentials = "AWS_ACCESS_KEY_ID=offline AWS_SECRET_ACCESS_KEY=offline"
    cluster = f" --cluster {clusters[0]}" if clusters else ""
    return f"{credentials} aws --endpoint-url {url} --region {region} ecs list-services{cluster}"
