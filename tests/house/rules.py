#!/usr/bin/env python3
"""The house rules: what CONTRIBUTING.md and ARCHITECTURE.md demand and no compiler checks.

    tests/house/rules.py [ROOT]      prints every violation as path:line: [rule] why; exit 1 if there are any

A justified exception is a comment on the line, or on the line above it, that names the rule and the reason:
    // house: allow <rule>: <why>          (or # … where the language has it so)
An exception that excepts nothing is a violation itself. Each rule has fixtures that it must refuse
(fixtures/<rule>/<case>/, a small tree each); test_house.py sees to that.
"""

import dataclasses
import os
import pathlib
import re
import sys
from collections.abc import Callable, Iterator

skipped_folders = {"build", ".git", ".souk", ".venv", "node_modules", "__pycache__", ".pytest_cache"}
text_suffixes = {
    "", ".h", ".cc", ".py", ".sh", ".cmake", ".txt", ".md", ".json", ".yml", ".yaml", ".toml", ".js", ".css", ".html",
}  # fmt: skip
services = ("stores", "products", "carts", "users", "orders", "notifications")
# What several adapters stand on (decision 0010). A library stands on no adapter, and on no other library but the one that
# reads answers for both HTTP clients.
libraries = {f"adapters/{name}" for name in ("accounts", "aws_client", "http_answer", "jwt", "mime")}
beneath_libraries = {"adapters/http_answer"}

Findings = Iterator[tuple[int, str]]  # line from 1, why


@dataclasses.dataclass
class File:
    """One file of the tree: as it is, and with what a reader skips (comments, then literals) blanked out."""

    path: str
    text: str
    tree: dict[str, str]  # Path -> text of every file beside it.

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.suffix = pathlib.PurePosixPath(self.path).suffix
        self.is_header = self.suffix == ".h"
        self.is_code = self.suffix in (".h", ".cc")
        self.code = blank(self.text) if self.is_code else ""
        self.includes = [
            (number, match[1])
            for number, line in enumerate(self.lines, 1)
            if self.is_code and (match := re.match(r'\s*#\s*include\s*(<[^>]+>|"[^"]+")', line))
        ]

    def within(self, *folders: str) -> bool:
        return any(self.path.startswith(folder + "/") for folder in folders)

    def find(self, pattern: str, why: str) -> Findings:
        """Every place in the code, outside comments and literals."""
        for match in re.finditer(pattern, self.code):
            yield self.code.count("\n", 0, match.start()) + 1, why.format(*match.groups())


def blank(text: str) -> str:
    """Comments and literals become spaces; line breaks stay."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\''
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.S)


def module_of(path: str) -> str:
    """ "src/domain/orders/x.cc" -> "domain/orders", "src/gateway/x.cc" -> "gateway"."""
    parts = path.removeprefix("src/").split("/")
    return "/".join(parts[:2]) if parts[0] in ("domain", "adapters") else parts[0]


def service_of(module: str) -> str | None:
    name = module.removeprefix("domain/")
    return name if module.startswith("domain/") and name in services else None


def layers(file: File) -> Findings:
    """base <- ports <- services <- apps; adapters -> ports; gateway -> ports; siblings meet in contract.h, and adapters
    over libraries."""
    if not (file.is_code and file.within("src")):
        return
    here = module_of(file.path)
    if here == "apps":
        return
    allowed = {"domain/base", "domain/ports"} if here != "domain/base" else {"domain/base"}
    if not file.path.endswith("/contract.h"):
        allowed.add(here)
    for number, name in file.includes:
        if not name.startswith('"'):
            continue
        there = module_of(name.strip('"'))
        contract = service_of(there) and name.endswith('/contract.h"')
        shared = here.startswith("adapters/") and there in (beneath_libraries if here in libraries else libraries)
        if there not in allowed and not (service_of(here) and contract) and not shared:
            yield number, f"{here} may not include {name}"


def size(file: File) -> Findings:
    """A header holds at most 300 lines, a source or a contract suite 500: beyond that it is two things."""
    limit = {".h": 300 if file.within("src") else 500, ".cc": 500, ".py": 500, ".sh": 500}.get(file.suffix)
    count = len(file.lines) - 1
    if limit and count > limit:
        yield 1, f"{count} lines; at most {limit}"


def names(file: File) -> Findings:
    """No get_ prefixes, vague suffixes or vague folders."""
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    parts = pathlib.PurePosixPath(file.path)
    if vague & set(parts.parts[:-1]) or re.search(r"(^|_)(manager|helpers?|utils?|impl)$", parts.stem):
        yield 1, "a file or folder is called what it is about"
    if not file.is_code:
        return
    # get_many is the ledger's own verb (ARCHITECTURE.md); calls of others' functions follow . -> or ::
    yield from file.find(r"(?<![.>:\w])(get_(?!many\b)\w+)\s*\(", "{0}: queries are nouns")
    kinds = r"\b(?:class|struct|enum class|enum|concept|using)\s+"
    yield from file.find(kinds + r"(\w*(?:Manager|Helpers?|Utils?|Impl|Base))\b", "{0}: says nothing")
    yield from file.find(kinds + r"(I[A-Z][a-z]\w*)\b\s*[:{;]", "{0}: no I for interfaces")
    declared = r"(?<!\breturn)(?<!\bco_return)[\w>&*\]]\s*[ &*]\b(data|info)\s*[=;,){]"
    for match in re.finditer(declared, file.code):
        line_start = file.code.rfind("\n", 0, match.start()) + 1
        if not re.search(r"\breturn\s*$", file.code[line_start : match.start(1)]):
            yield file.code.count("\n", 0, match.start(1)) + 1, f"{match[1]}: everything is; say which"


standard_header = re.compile(r"<[a-z_]+>")
heavy_library = re.compile(r"<(boost/(asio|beast)|openssl|rocksdb|sodium)\b")


def brings(header: str, tree: dict[str, str], seen: set[str]) -> str | None:
    """The first header of others that an adapter's header includes, itself or through its neighbours."""
    if header in seen or header not in tree:
        return None
    seen.add(header)
    for name in re.findall(r"^#include (<[^>]+>|\"[^\"]+\")", tree[header], re.M):
        if name.startswith("<") and not standard_header.fullmatch(name):
            return name
        if name.startswith('"adapters/') and (found := brings("src/" + name.strip('"'), tree, seen)):
            return found
    return None


def third_party(file: File) -> Findings:
    """Others' headers stay with adapters, in what they keep to themselves, and in the sources of apps."""
    if not (file.is_code and file.within("src")) or file.within("src/adapters"):
        return
    for number, name in file.includes:
        if name.startswith('"adapters/'):
            if found := brings("src/" + name.strip('"'), file.tree, set()):
                yield number, f"{name} brings {found}: only its adapter may include it"
        elif name.startswith('"') or standard_header.fullmatch(name):
            continue
        elif file.is_header or not file.within("src/apps"):
            yield number, f"{name}: others' headers stay in adapters and in the sources of apps"
        elif heavy_library.match(name):
            yield number, f"{name}: only its adapter knows this library"


def pragma_once(file: File) -> Findings:
    """A header begins with #pragma once."""
    if file.is_header and file.lines[0].strip() != "#pragma once":
        yield 1, "a header begins with #pragma once"


def own_header_first(file: File) -> Findings:
    """A source includes its own header first, which so is seen to stand alone."""
    if file.suffix != ".cc" or not file.within("src") or file.path[:-3] + ".h" not in file.tree:
        return
    own = f'"{file.path.removeprefix("src/")[:-3]}.h"'
    if not file.includes or file.includes[0][1] != own:
        yield file.includes[0][0] if file.includes else 1, f"{own} comes first"


def include_paths(file: File) -> Findings:
    """Includes are spelled from the root, never with dots."""
    for number, name in file.includes:
        if ".." in name or name.startswith('"./'):
            yield number, f"{name}: spell it from src/ or tests/"
        elif name.startswith('"') and "/" not in name:
            yield number, f"{name}: spell it from src/ or tests/"


def float_money(file: File) -> Findings:
    """No floating point in the domain: money is there."""
    if file.within("src/domain"):
        yield from file.find(r"\b(float|double)\b", "{0} has no place near money")


def exceptions(file: File) -> Findings:
    """The domain neither throws nor catches."""
    if file.within("src/domain", "src/gateway"):
        yield from file.find(r"\b(throw|try|catch)\b", "{0}: errors are values here")


def environment(file: File) -> Findings:
    """Only apps read the environment."""
    if file.is_code and file.within("src") and not file.within("src/apps"):
        yield from file.find(r"\b((?:secure_)?getenv|environ)\b", "{0}: configuration comes from apps")


def all_stores(file: File) -> Findings:
    """The token that crosses stores is made in the composition root alone."""
    if file.within("src") and not file.within("src/apps"):
        why = "only apps may grant AllStores"
        if file.path != "src/domain/ports/store_ledger.h":
            yield from file.find(r"\bgranted_by_composition_root\b", why)


def walls(file: File) -> Findings:
    """A service reaches rows through StoreLedger and PlatformLedger, never the bare Ledger."""
    if service_of(module_of(file.path)) and file.within("src"):
        why = "{0}: services stay behind the walls of store_ledger.h"
        yield from file.find(r"\b(Ledger\s*[&*]|RowKey\b|Transaction\b)", why)


def default_case(file: File) -> Findings:
    """No default: in switches, so that a new enumerator is seen by the compiler everywhere."""
    if file.within("src"):
        yield from file.find(r"\bdefault\s*:(?!:)", "name the enumerators")


def leaking_try(file: File) -> Findings:
    """No TRY behind another member of a braced initialiser: g++ 12 forgets to destroy the members made before it. None
    among the arguments of `new` either, whose memory it forgets."""
    if file.within("src"):
        why = "TRY into a variable first: g++ 12 leaks the members before it when it returns"
        yield from file.find(r"(?:,\s*\.\w+ = [^,;]*|\{[^{};()]*,\s*|\bnew [\w:]+\([^;]*)\bTRY\(", why)


def console(file: File) -> Findings:
    """The domain and the gateway print nothing; they have Telemetry."""
    if file.within("src/domain", "src/gateway"):
        yield from file.find(r"\b(cout|cerr|clog|f?printf|f?puts)\b", "{0}: use Telemetry")


def bool_parameter(file: File) -> Findings:
    """No bool parameters in the domain's headers: f(true) tells a reader nothing."""
    if file.is_header and file.within("src/domain"):
        yield from file.find(r"[(,]\s*(?:const\s+)?bool\s+(\w+)\s*[,)=]", "{0}: an enum or a second verb")


def unfinished(file: File) -> Findings:
    """No reminders in the code: what is not done goes into an issue."""
    for number, line in enumerate(file.lines, 1):
        if re.search(r"\b(TO" r"DO|FIX" r"ME)\b", line):
            yield number, "what is not done belongs in an issue"


def machine_paths(file: File) -> Findings:
    """No folder of somebody's machine and no package registry's address."""
    folder = re.compile(r"(?<![\w./$}>-])/(work|root|home|Users)/\w")
    registry = re.compile(r"https?://[\w.-]*\b(registry|mirrors?|pypi|npmjs|packages)\b", re.I)
    for number, line in enumerate(file.lines, 1):
        if folder.search(line):
            yield number, "a folder of one machine"
        if registry.search(line):
            yield number, "a registry's address: tools know their own"


def sleeping_test(file: File) -> Findings:
    """Unit tests do not sleep: they set the clock, or wait for the thing itself."""
    if file.is_code and file.within("tests"):
        yield from file.find(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", "{0}: set the clock")


def listed_source(file: File) -> Findings:
    """Every source is listed in a CMakeLists.txt of its folder or one above: nothing lies about unbuilt."""
    if file.suffix != ".cc" or not file.within("src", "tests", "bench"):
        return
    name = pathlib.PurePosixPath(file.path)
    for folder in name.parents:
        listing = file.tree.get(str(folder / "CMakeLists.txt"))
        if listing is not None and re.search(rf"\b{re.escape(name.name)}\b", listing):
            return
    yield 1, "not listed in any CMakeLists.txt"


def decisions(file: File) -> Findings:
    """docs/decisions/NNNN-name.md: numbered without gaps, with the four parts of a decision."""
    if not file.within("docs/decisions"):
        return
    number = re.fullmatch(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md", file.path)
    if not number:
        yield 1, "is called NNNN-what-it-decides.md"
        return
    before = f"docs/decisions/{int(number[1]) - 1:04}-"
    if int(number[1]) != 1 and not any(path.startswith(before) for path in file.tree):
        yield 1, f"there is no {before}…"
    same = [path for path in file.tree if path.startswith(f"docs/decisions/{number[1]}-")]
    if len(same) > 1:
        yield 1, f"{len(same)} decisions have this number"
    for part in ("Context", "Decision", "Consequences", "What would reopen it"):
        if f"\n## {part}\n" not in file.text:
            yield 1, f"has no part called {part}"


rules: dict[str, Callable[[File], Findings]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        layers, size, names, third_party, pragma_once, own_header_first, include_paths, float_money, exceptions,
        environment, all_stores, walls, default_case, leaking_try, console, bool_parameter, unfinished, machine_paths,
        sleeping_test, listed_source, decisions,
    )
}  # fmt: skip

def read_tree(root: pathlib.Path) -> list[File]:
    tree = {}
    for folder, folders, files in os.walk(root):
        here = pathlib.Path(folder)
        skipped = skipped_folders | ({"fixtures"} if here == root / "tests/house" else set())
        folders[:] = sorted(set(folders) - skipped)
        for name in sorted(files):
            path = here / name
            if name != ".git" and path.suffix in text_suffixes and not path.is_symlink():
                tree[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return [File(path, text, tree) for path, text in tree.items()]


def allowances(file: File) -> Iterator[tuple[int, re.Match]]:
    """Every exception that the file asks for, in the comments of its language."""
    opening = {".h": "//", ".cc": "//", ".js": "//", ".css": "/*", ".md": "<!--", ".html": "<!--"}.get(file.suffix, "#")
    comment = re.compile(re.escape(opening) + r"\s*house: allow ([\w-]*)(?::\s*(\S.*))?")
    for number, line in enumerate(file.lines, 1):
        for match in comment.finditer(line):
            yield number, match


def violations(root: pathlib.Path) -> list[tuple[str, int, str, str]]:
    """All of the tree's violations: path, line, rule, why."""
    found = []
    for file in read_tree(root):
        allowed: dict[tuple[int, str], int] = {}  # (line it covers, rule) -> line it stands on
        for number, match in allowances(file):
            rule, why = match[1], match[2]
            if rule not in rules or not why:
                found.append((file.path, number, "allow", f"'{rule}' with reason '{why}': name both"))
            alone = file.lines[number - 1].strip().startswith(match[0])
            allowed[number + 1 if alone else number, rule] = number
        used = set()
        for rule, check in rules.items():
            for line, why in check(file):
                if (line, rule) in allowed:
                    used.add((line, rule))
                else:
                    found.append((file.path, line, rule, why))
        for place in allowed.keys() - used:
            if place[1] in rules:
                found.append((file.path, allowed[place], "allow", f"nothing here offends {place[1]}"))
    return found


if __name__ == "__main__":
    here = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    bad = violations(here)
    for path, line, rule, why in bad:
        print(f"{path}:{line}: [{rule}] {why}")
    sys.exit(1 if bad else 0)
