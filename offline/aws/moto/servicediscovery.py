"""Cloud Map beside moto: namespaces whose names it lets repeat."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add


def extend() -> None:
    """Two HTTP namespaces of one name, which AWS refuses."""
    from moto.core.exceptions import JsonRESTError
    from moto.servicediscovery.models import ServiceDiscoveryBackend

    create = ServiceDiscoveryBackend.create_http_namespace

    def create_http_namespace(self: Any, name: str, *rest: Any, **more: Any) -> str:
        if any(namespace.name == name for namespace in self.namespaces.values()):
            raise JsonRESTError("NamespaceAlreadyExists", f"Namespace with name {name} already exists.")
        return create(self, name, *rest, **more)

    add(ServiceDiscoveryBackend, create_http_namespace)
