"""What docs/api/events.yaml promises of an event, as a JSON Schema to hold it against."""

import re

import jsonschema_rs
import yaml

from shop import root

document = yaml.safe_load((root / "docs/api/events.yaml").read_text())
ulid = "[0-9A-HJKMNP-TV-Z]{26}"
plain = {
    "id": {"type": "string", "pattern": f"^[a-z]+_{ulid}$"},
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
}


def schema_of(shape):
    """Of a shape as the document writes it: id, text or null, Order, text (with a remark), a | b, [{sku: text}] …"""
    if isinstance(shape, list):
        return {"type": "array", "items": schema_of(shape[0])}
    if isinstance(shape, dict):
        members = {name: schema_of(of) for name, of in shape.items() if "stripped for webhooks" not in str(of)}
        return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}
    words = re.sub(r" \(.*\)$", "", shape)
    if words.endswith(" or null"):
        return {"anyOf": [schema_of(words.removesuffix(" or null")), {"type": "null"}]}
    if " | " in words:
        return {"enum": words.split(" | ")}
    return plain[words] if words in plain else {"$ref": f"#/components/schemas/{words}"}


def faults(event, openapi):
    """Where an event that a webhook got is not as the document says; `openapi` describes Order, Money and the like."""
    about = document["types"][event["type"]]
    assert not about.get("internal"), f"{event['type']} is not for webhooks"
    source = {"pattern": f"^/(stores/store_{ulid}|platform)/{about['service']}$"}
    members = {"id": {"pattern": f"^evt_{ulid}$"}, "source": source, "data": schema_of(about["data"])}
    schema = {"properties": members, "required": list(members), "components": openapi["components"]}
    found = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(event)
    return [f"{event['type']}: {'/'.join(map(str, fault.instance_path))}: {fault.message}" for fault in found]
