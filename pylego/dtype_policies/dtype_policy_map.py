"""DTypePolicyMap: dtype policies by the paths of layers."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from pylego import registry
from pylego.dtype_policies.dtype_policy import DTypePolicy, get


class DTypePolicyMap(DTypePolicy, MutableMapping):
    """Policies by the paths of layers, for a layer whose parts have several.

    A key is the path of a layer, "encoder/dense", or a regular expression for whole paths,
    "encoder/.*". What no key fits has the default policy.

    Args:
        default_policy: a policy or its name; by default `config.dtype_policy()`.
        policy_map: policies by key, to begin with.

    Raises:
        TypeError: when policy_map is not a dictionary.

    >>> policies = DTypePolicyMap("float32", {"encoder/.*": DTypePolicy("bfloat16")})
    >>> policies["encoder/dense"].name, policies["decoder/dense"].name
    ('bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None):
        if policy_map is not None and not isinstance(policy_map, dict):
            raise TypeError(
                "policy_map is a dictionary of policies by the paths of layers. "
                f"Received: policy_map={policy_map!r}"
            )
        self._default = default_policy
        self._policies: dict[str, DTypePolicy] = {}
        for path, policy in (policy_map or {}).items():
            self[path] = policy

    @property
    def name(self) -> str:
        """That of the default policy, behind "map_"."""
        return f"map_{self.default_policy.name}"

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of layers that no key fits."""
        return get(self._default)

    @property
    def compute_dtype(self) -> str:
        """That of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """That of the default policy."""
        return self.default_policy.variable_dtype

    def __getitem__(self, key: str) -> DTypePolicy:
        """Return the policy of the layer at a path.

        Raises:
            ValueError: when several keys fit it.
        """
        if key in self._policies:
            return self._policies[key]
        fitting = [pattern for pattern in self._policies if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ValueError(f"The path {key!r} fits several keys of the policies: {fitting}")
        return self._policies[fitting[0]] if fitting else self.default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        """Add a policy.

        Raises:
            ValueError: when the key is there already.
        """
        if key in self._policies:
            raise ValueError(
                f"There is a policy for {key!r} already, {self._policies[key]!r}: delete it first"
            )
        self._policies[key] = get(policy)

    def __delitem__(self, key: str) -> None:
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again: policies as data."""
        return {
            "default_policy": registry.serialize(self._default),
            "policy_map": {
                path: registry.serialize(policy) for path, policy in self._policies.items()
            },
        }

    def __repr__(self) -> str:
        return (
            f"<DTypePolicyMap default_policy={self.default_policy!r}, "
            f"policy_map={self._policies!r}>"
        )

    __hash__ = DTypePolicy.__hash__
