"""What the code says that must be deployed: routes, subscriptions, tables, chores. Read from the contract documents where
there are any, else from the sources."""

import re

import yaml

from stacks import root, services

methods = ("get", "post", "put", "patch", "delete")
# Who is admitted by a token of the pool and by nothing else, and at no store's address: API Gateway's own 401 has no CORS
# headers, without which a store's pages in a browser cannot read it.
by_token_alone = {"account", "platform"}
# Routes of the one-machine home that AWS answers by other means.
elsewhere = {
    "GET /metrics": "CloudWatch has the metrics; one sandbox of many would show its own",
    "PUT /media/{store}/{object}": "S3 takes uploads",
    "GET /media/{store}/{object}": "CloudFront shows images",
}
# Routes that belong to no service are answered by this one's function.
operator_service = "stores"


def routes() -> dict[str, tuple[str, set[str]]]:
    """ "POST /v1/stores" -> (service whose function answers, audiences)."""
    document = yaml.safe_load((root / "docs/api/openapi.yaml").read_text())
    found = {}
    for path, operations in document["paths"].items():
        for method in methods:
            if operation := operations.get(method):
                service = operation["tags"][0]
                owner = operator_service if service == "operator" else service
                found[f"{method.upper()} {path}"] = (owner, set(operation["x-audience"].split()))
    return found


def sources(folder: str) -> str:
    return "\n".join(file.read_text() for file in sorted((root / folder).glob("*.h")) + sorted((root / folder).glob("*.cc")))


def function_body(text: str, name: str) -> str:
    """The definition of `name()` in C++, up to the brace in the first column."""
    return re.search(rf"\b{name}\(\) \{{\n(.*?)\n\}}", text, re.S)[1]


def subscriptions() -> dict[str, tuple[str, set[str]]]:
    """Queue -> (service, event types), from each service's subscriptions()."""
    found = {}
    for service in services:
        text = sources(f"src/domain/{service}")
        if "subscriptions() {" not in text:
            continue
        words = dict(re.findall(r'constexpr std::string_view (\w+)\s*=\s*"([^"]*)"', text))
        body = function_body(text, "subscriptions")
        for name, list_body in re.findall(r"std::vector<std::string_view> (\w+)\{(.*?)\};", body, re.S):
            words[name] = list_body
        for name, list_body in re.findall(r"constexpr std::array<std::string_view, \d+> (\w+)\{(.*?)\};", text, re.S):
            words[name] = list_body
        body = body[body.index("return") :]
        queues = list(re.finditer(r"std::string\((\w+)\)", body))
        for queue, following in zip(queues, [*queues[1:], None]):
            types = body[queue.end() : following.start() if following else len(body)]
            found[words[queue[1]]] = (service, event_types(types, words))
    return found


def event_types(text: str, words: dict[str, str]) -> set[str]:
    """The types in a list of literals, constants and names of such lists."""
    found = set(re.findall(r'"(souk\.[\w.]+)"', text))
    for name in re.findall(r"\b(?:type::)?(\w+)(?=\s*[,.}]|\s*$)", re.sub(r'"[^"]*"', "", text)):
        value = words.get(name, "")
        found |= {value} if re.fullmatch(r"souk\.[\w.]+", value) else event_types(value, words) if value else set()
    return found


def apps() -> str:
    return "\n".join(file.read_text() for file in sorted((root / "src/apps").rglob("*.cc")))


def tables() -> set[str]:
    """The ledger's tables: what the composition roots give to services, and the identity adapter's own."""
    given = re.findall(r'\b(?:table|ServiceLedger)\((?:\*?\w+, )?"(\w+)"', apps())
    own = re.findall(r'constexpr std::string_view table = "(\w+)"', sources("src/adapters/identity_cognito"))
    return set(given) | set(own)


def item_attributes() -> dict[str, str | list[str]]:
    """The names of DynamoDB attributes, from ledger_dynamodb."""
    text = (root / "src/adapters/ledger_dynamodb/item_codec.h").read_text()
    words = dict(re.findall(r'constexpr std::string_view (\w+) = "(\w+)"', text))
    lists = re.findall(r"constexpr std::array<std::string_view, 2> (\w+) = \{\"(\w+)\", \"(\w+)\"\}", text)
    return words | {name: list(both) for name, *both in lists}


def chores() -> set[str]:
    """The services that have work due by the clock: "orders.deadlines" every five seconds, and so on."""
    return set(re.findall(r'\{"(\w+)\.[\w.]+", \d+m?s,', apps())) & set(services)
