"""What a program asks for when it registers a resource: read from the request, with what is unsupported refused."""

from __future__ import annotations

from pulumi.runtime.proto import resource_pb2

from offline.engine.errors import NotInOfflineAwsError, UnsupportedError
from offline.engine.record import ResourceRecord
from offline.engine.urn import PROVIDER_PREFIX, STACK_TYPE, URN_PREFIX, inherited_alias, make_urn, name_of, type_of
from offline.properties import from_struct


def refuse_unsupported(request: resource_pb2.RegisterResourceRequest) -> None:
    """UnsupportedError for the first option of the request that this engine does not have."""
    where = f"resource {request.name!r}, type {request.type}"
    used: dict[str, object] = {
        "A remote component": request.remote,
        "The option import_": request.importId,
        "The option deleted_with": request.deletedWith,
        "The option replace_with": request.replace_with,
        "The option replacement_trigger": request.HasField("replacement_trigger"),
        "The option replace_on_changes": request.replaceOnChanges,
        "The option retain_on_delete": request.retainOnDelete,
        "The option custom_timeouts": request.customTimeouts.ListFields(),
        "The option transforms": request.transforms,
        "The option state_migrations": request.state_migrations,
        "The option env_var_mappings": request.envVarMappings,
        "A parameterized package": request.packageRef,
    }
    for what, present in used.items():
        if present:
            raise UnsupportedError(what, where=where)
    package = request.type.split(":", 1)[0]
    if request.type.startswith("pulumi-python:dynamic"):
        raise UnsupportedError("A dynamic provider", where=where)
    if request.custom and package != "aws" and request.type != f"{PROVIDER_PREFIX}aws":
        raise NotInOfflineAwsError(f"The package {package!r}", where=where)


def goal_record(request: resource_pb2.RegisterResourceRequest, urn: str, *, provider: str) -> ResourceRecord:
    """The resource as the program wants it: no serial, id or outputs yet."""
    inputs = from_struct(request.object)
    if request.type.startswith(PROVIDER_PREFIX) and request.version:
        inputs["version"] = request.version
    return ResourceRecord(
        serial=0,
        urn=urn,
        type=request.type,
        custom=request.custom,
        parent=request.parent,
        provider=provider,
        inputs=inputs,
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(deps.urns)) for key, deps in sorted(request.propertyDependencies.items()) if deps.urns
        },
        protect=request.protect,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
    )


def alias_urns(
    request: resource_pb2.RegisterResourceRequest, urn: str, *, parent_before: str | None
) -> tuple[str, ...]:
    """Every URN the resource may have had: its own aliases, and those it has because its parent had another name."""
    name, parent = request.name, request.parent
    stack, project = urn.removeprefix(URN_PREFIX).split("::", 2)[:2]
    own: list[str] = []
    for alias in request.aliases:
        if alias.urn:
            own.append(alias.urn)
            continue
        spec = alias.spec
        old_parent = "" if spec.noParent else spec.parentUrn or parent
        alias_stack, alias_project = spec.stack or stack, spec.project or project
        if old_parent and type_of(old_parent) == STACK_TYPE:
            old_parent = ""
        own.append(make_urn(alias_stack, alias_project, old_parent, spec.type or request.type, spec.name or name))
    inherited = [
        inherited_alias(parent, parent_before, type_of(candidate), name_of(candidate))
        for candidate in (urn, *own)
        if parent_before
    ]
    return tuple(dict.fromkeys((*request.aliasURNs, *(found for found in (*own, *inherited) if found != urn))))
