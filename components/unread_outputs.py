"""Keeps the SDK from waiting for what nobody reads: a property that is neither given nor in READ has no output.

For each property of a resource, given or not, the SDK makes an Output of four futures and resolves it with the engine's answer:
of 3,200 in the development stage some 2,000 are optional inputs that were not given and attributes that nothing asks for.
"""

from __future__ import annotations

from typing import Never

from pulumi import ResourceTransformationArgs, ResourceTransformationResult

READ = frozenset(
    {
        "address",
        "arn",
        "arn_suffix",
        "dns_name",
        "domain_validation_options",
        "endpoint",
        "fqdn",
        "service_password",
        "service_user_name",
        "zone_id",
    }
)
"""Properties that a component reads from a resource without having given them."""


_HOW_TO_KEEP = (
    "an output that is not kept: name its property in READ of components/unread_outputs.py, or give it to the resource"
)


class OutputNotKept:
    """In the place of an output that READ does not name: whoever reads it learns so, and no request takes it."""

    def __repr__(self) -> str:
        return _HOW_TO_KEEP  # the SDK's errors show it: who passes it on sees no more than that

    def __getattr__(self, name: str) -> Never:
        # Names with two underscores are asked for by copies and inspection, which may go without them.
        if name.startswith("__"):
            raise AttributeError(name)
        raise RuntimeError(f"`.{name}` of {_HOW_TO_KEEP}")


_NOT_KEPT = OutputNotKept()


def keep_read_outputs(args: ResourceTransformationArgs) -> ResourceTransformationResult | None:
    """A transformation of the stack: leaves the resources of other programs alone, which read what they like."""
    if not type(args.opts.parent).__module__.startswith(f"{__package__}."):
        return None
    kept = {name: value for name, value in args.props.items() if value is not None or name in READ}
    unread = args.props.keys() - kept.keys()
    args.resource.__dict__.update(dict.fromkeys(unread, _NOT_KEPT))
    return ResourceTransformationResult(props=kept, opts=args.opts)
