#include "apps/souk/operate.h"

#include <algorithm>
#include <array>

#include "apps/souk/catalogue_commands.h"
#include "apps/souk/home.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::app {

namespace {

using Act = Result<Exit> (*)(Home&, const OperatorCommand&, Output&);

Result<Exit> create_admin(Home& home, const OperatorCommand& command, Output& output) {
    const std::string& email = command.option("email");
    const auto account = TRY(home.services().users().create_platform_admin(
        email, command.option("password"), command.option("name")));
    output.write(cat("Platform administrator ", account.email, " (", account.user.text(),
                     ") can sign in now.\n"));
    return Exit::ok;
}

Result<Exit> back_up(Home& home, const OperatorCommand& command, Output& output) {
    TRY(home.backup(command.option("directory")));
    output.write(cat("Backed up to ", command.option("directory"), ".\n"));
    return Exit::ok;
}

std::string row_line(const Row& row) {
    JsonWriter out;
    out.begin_object()
        .member("partition", row.key.partition)
        .member("sort", row.key.sort)
        .member("version", row.version);
    if (JsonDocument::parse(row.body)) {
        out.raw_member("body", row.body);
    } else {
        out.member("body", to_base64(row.body));
    }
    out.key("counters").begin_object();
    for (const auto& [name, value] : row.counters) {
        out.member(name, value);
    }
    out.end_object();
    out.member("expires", to_rfc3339(row.expires));
    return out.end_object().take() + "\n";
}

Result<Exit> ledger_get(Home& home, const OperatorCommand& command, Output& output) {
    const auto row = TRY(home.ledger().get(
        {command.option("table"), command.option("partition"), command.option("sort")}));
    if (!row) {
        output.write("There is no such row.\n");
        return Exit::no_such;
    }
    output.write(row_line(*row));
    return Exit::ok;
}

Result<Exit> ledger_query(Home& home, const OperatorCommand& command, Output& output) {
    const std::string index = command.option("index");
    Query query{.table = command.option("table"),
                .source = index == "1"   ? Source::index_1
                          : index == "2" ? Source::index_2
                                         : Source::rows,
                .partition = command.option("partition"),
                .from = command.option("from"),
                .before = command.option("before"),
                .limit = query_limit_max};
    std::int64_t left = to_integer(command.option("limit")).value_or(100);
    while (left > 0) {
        query.limit = static_cast<int>(std::min<std::int64_t>(left, query_limit_max));
        const auto page = TRY(home.ledger().query(query));
        for (const auto& row : page.rows) {
            output.write(row_line(row));
        }
        left -= std::ssize(page.rows);
        if (!page.cursor) {
            break;
        }
        query.cursor = *page.cursor;
    }
    return Exit::ok;
}

Result<Exit> list_dead_letters(Home& home, const OperatorCommand& command, Output& output) {
    std::string cursor;
    std::int64_t count = 0;
    while (true) {
        const auto page = TRY(home.bus().dead_letters(command.option("queue"), 100, cursor));
        for (const auto& letter : page.letters) {
            ++count;
            output.write(cat(letter.id, "  ", letter.queue, "  ", letter.event.type, "  ",
                             letter.event.subject, "  after ", letter.deliveries, " tries, ",
                             to_rfc3339(letter.died), "\n    ", letter.reason, "\n"));
        }
        if (!page.cursor) {
            break;
        }
        cursor = *page.cursor;
    }
    output.write(cat(count, " dead letters.\n"));
    return Exit::ok;
}

Result<Exit> redrive(Home& home, const OperatorCommand& command, Output& output) {
    std::vector<std::string> ids;
    for (const auto id : split(command.option("ids"), ',')) {
        if (!id.empty()) {
            ids.emplace_back(id);
        }
    }
    const int count = TRY(home.bus().redrive(command.option("queue"), ids));
    output.write(cat(count, " messages are back in their queue.\n"));
    return Exit::ok;
}

Result<Exit> rotate_keys(Home& home, const OperatorCommand&, Output& output) {
    TRY(home.rotate_keys());
    output.write(
        "A new key signs from now on; tokens of the old one stay valid until they expire.\n");
    return Exit::ok;
}

constexpr std::array acts = std::to_array<std::pair<std::string_view, Act>>({
    {"admin create", create_admin},
    {"backup", back_up},
    {"dead-letters list", list_dead_letters},
    {"dead-letters redrive", redrive},
    {"export", export_catalogue},
    {"import", import_catalogue},
    {"keys rotate", rotate_keys},
    {"ledger get", ledger_get},
    {"ledger query", ledger_query},
});

}  // namespace

Exit operate(Home& home, const OperatorCommand& command, Output& output) {
    const auto* act =
        std::ranges::find(acts, command.name, &std::pair<std::string_view, Act>::first);
    if (act == acts.end()) {
        output.complain(cat("There is no command \"", command.name, "\".\n"));
        return Exit::usage;
    }
    const auto outcome = act->second(home, command, output);
    if (outcome) {
        return *outcome;
    }
    output.complain(describe(outcome.error()));
    return exit_of(outcome.error());
}

}  // namespace souk::app
