"""YAML as plain mappings, lists and strings: nothing in it can make objects or grow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from euxfel.fileaccess.errors import MissingPackageError

# Sources, aliases, and pairs are three levels.
MAX_DEPTH = 8

_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"


def parse_yaml(text: str) -> Any:
    """Mappings, lists and strings of a YAML text; an empty mapping for an empty one.

    Raises
    ------
    ValueError
        The text is not YAML, or holds other values, tags, more levels than an alias file has, or
        references to anything but strings.
    MissingPackageError
        PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise MissingPackageError(
            "YAML files of aliases need PyYAML: pip install 'euxfel-core[aliases]'"
        ) from None
    try:
        node = yaml.compose(text, _loader())
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    # A document of comments is no node, after ``---`` it is a null.
    is_empty = node is None or node.tag == _NULL
    return {} if is_empty else _plain(node)


@lru_cache(maxsize=1)
def _loader() -> Any:
    """The class that makes nodes of a text, made when it is needed: PyYAML is optional."""
    import yaml

    class LimitedLoader(yaml.SafeLoader):
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self._refuse(cast(Any, self).peek_event())
            self.depth += 1
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

        def _refuse(self, event: Any) -> None:
            line = event.start_mark.line + 1
            if self.depth >= MAX_DEPTH:
                raise ValueError(f"line {line}: more than {MAX_DEPTH} levels")
            if getattr(event, "tag", None) is not None:
                raise ValueError(f"line {line}: tags are not allowed")
            if isinstance(event, yaml.AliasEvent):
                # A reference to a list of references can stand for billions of strings.
                target = self.anchors.get(event.anchor)
                if target is not None and not isinstance(target, yaml.ScalarNode):
                    raise ValueError(f"line {line}: references are only allowed to strings")

    return LimitedLoader


def _plain(node: Any) -> Any:
    if node.id == "mapping":
        return _mapping(node)
    if node.id == "sequence":
        return [_plain(item) for item in node.value]
    if node.tag != _STRING:
        kind = node.tag.rpartition(":")[2]
        raise ValueError(
            f"line {_line(node)}: expected a string, not {kind} {node.value!a}: quotes make it one"
        )
    return node.value


def _mapping(node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name_node, value_node in node.value:
        name, value = _plain(name_node), _plain(value_node)
        if not isinstance(name, str):
            raise ValueError(f"line {_line(name_node)}: a name must be a string")
        if found.setdefault(name, value) != value:
            raise ValueError(f"line {_line(name_node)}: {name!a} is defined twice")
    return found


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1
