// Walks Souk's hottest paths under `valgrind --tool=callgrind --instr-atstart=no`, which counts the
// instructions of each: the same on any machine, however busy it is. bench/instructions.py runs it.
//
//   hot_paths prepare DIR STORES     makes a store with a catalogue and a customer, and others
//   hot_paths measure DIR [PATH…]    walks the paths; prints "path times" of each, in order
//
// What is counted begins with the bytes that a socket would deliver and ends with those that it
// would be given; the committer's thread is part of it, the disk is not.

#include <valgrind/callgrind.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "bench/quiet.h"
#include "bench/whole_souk.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/products.h"
#include "domain/stores/stores.h"

namespace souk::bench {

namespace {

constexpr int products_count = 1000;
constexpr int warm_up = 5;
constexpr std::chrono::seconds compaction_wait{1};
constexpr std::string_view customer_email = "ada@example.org";
constexpr std::string_view base = "/v1/stores/shop";
constexpr std::string_view orders_queue = "products-orders";

std::string token_file(const std::string& directory) { return directory + "/token"; }

Caller owner_of(WholeSouk& souk) {
    const auto account = must(souk.identity().create_platform_admin(
        "owner@example.org", "correct horse battery staple", "Owner"));
    Caller owner;
    owner.principal.kind = Principal::Kind::staff;
    owner.principal.id = account.user.text();
    return owner;
}

void fill_catalogue(WholeSouk& souk, const StoreId& shop, int count) {
    const auto& products = souk.services().products();
    const Money price{*Currency::parse("EUR"), 1250};
    const std::string description(400, 'x');
    for (int i = 0; i < count; ++i) {
        products::ProductPatch patch;
        patch.handle = cat("thing-", i);
        patch.title = cat("Thing number ", i, ", in blue");
        patch.description = description;
        patch.vendor = "Hill";
        patch.tags = {{"blue", cat("tag", i % 20)}};
        patch.status = products::Status::published;
        patch.variants = {{.sku = cat("S", i), .price = price, .stock_on_hand = 1'000'000}};
        must(perform(products.ledger(),
                     [&] { return products.create(system_caller(shop, ""), patch); }));
    }
}

StoreId found_store(WholeSouk& souk, const Caller& owner, std::string slug, int products) {
    auto& stores = souk.services().stores();
    const auto made = must(perform(stores.ledger(), [&] {
        return stores.create(owner, {.slug = slug,
                                     .name = "Shop",
                                     .currency = *Currency::parse("EUR"),
                                     .locale = "en",
                                     .domains = {},
                                     .tax = {.rate_basis_points = 2000},
                                     .shipping_methods = {}});
    }));
    fill_catalogue(souk, made.id, products);
    return made.id;
}

void make_stores(const std::string& directory, std::int64_t stores) {
    WholeSouk souk(directory, 1);
    const Caller owner = owner_of(souk);
    const StoreId shop = found_store(souk, owner, "shop", products_count);
    for (std::int64_t i = 1; i < stores; ++i) {
        found_store(souk, owner, cat("other-", i), 1);
    }
    const Realm customers{shop};
    const std::string password = "correct horse battery staple";
    const auto signed_up =
        must(souk.identity().sign_up(customers, customer_email, password, "Ada"));
    must(souk.identity().confirm_sign_up(customers, customer_email, signed_up.code.code));
    std::ofstream(token_file(directory))
        << must(souk.identity().sign_in(customers, customer_email, password, "")).access_token;
}

void prepare(const std::string& directory, std::int64_t stores) {
    make_stores(directory, stores);
    const WholeSouk again(directory, 2);
    wait_until_quiet();
}

std::string get(std::string_view path, std::string_view headers = "") {
    return cat("GET ", base, path, " HTTP/1.1\r\nHost: souk.example\r\n", headers, "\r\n");
}
std::string post(std::string_view path, std::string_view json, std::string_view headers = "") {
    return cat("POST ", base, path,
               " HTTP/1.1\r\nHost: souk.example\r\nContent-Type: application/json\r\n"
               "Content-Length: ",
               json.size(), "\r\n", headers, "\r\n", json);
}

/// Sends a request that has to succeed, and gives the body.
std::string answered(WholeSouk& souk, const std::string& request, Pages pages = Pages::cached) {
    std::string response = souk.exchange(request, pages);
    if (!response.starts_with("HTTP/1.1 20")) {
        give_up({errors::unavailable, cat(request, "\n\n", response)});
    }
    return response.substr(response.find("\r\n\r\n") + 4);
}

std::string id_in(const std::string& body) {
    return must(JsonDocument::parse(body)).root()["id"].text_or();
}

std::string item(int number) { return cat(R"({"sku":"S)", number, R"(","quantity":1})"); }

/// A guest's cart of so many lines, ready to be ordered.
std::string cart_of(WholeSouk& souk, int lines) {
    const std::string cart =
        id_in(answered(souk, post("/carts", R"({"email":"guest@example.org"})")));
    for (int i = 0; i < lines; ++i) {
        answered(souk, post(cat("/carts/", cart, "/items"), item(i)));
    }
    return cart;
}

/// One path: what is sent in the first rounds warms it up and is not counted.
struct Path {
    enum class Walked { always, when_named };
    std::string name;
    int times;
    /// Makes everything that the walk needs, and gives what does one round of it.
    std::function<std::function<void(int round)>(WholeSouk& souk, int rounds)> begin;
    Walked walked = Walked::always;

    [[nodiscard]] bool is_wanted(const std::vector<std::string>& names) const {
        return names.empty() ? walked == Walked::always
                             : std::ranges::find(names, name) != names.end();
    }
};

/// One that a curve asks for and no test compares.
Path on_request(Path path) {
    path.walked = Path::Walked::when_named;
    return path;
}

Path reading(std::string name, int times, std::string request, Pages pages) {
    return {std::move(name), times, [request = std::move(request), pages](WholeSouk& souk, int) {
                return [&souk, request, pages](int) { answered(souk, request, pages); };
            }};
}

/// Requests made beforehand, one a round.
std::function<void(int)> sending(WholeSouk& souk, std::vector<std::string> requests) {
    return [&souk, requests = std::move(requests)](int round) {
        answered(souk, requests.at(static_cast<std::size_t>(round)));
    };
}

/// Every round finds a cart with so many lines and puts one more in. Large carts are made once, and
/// one line of theirs grows instead.
Path adding_to_cart(std::string name, int times, int lines) {
    return {std::move(name), times, [lines](WholeSouk& souk, int rounds) {
                std::vector<std::string> requests;
                std::string cart;
                for (int i = 0; i < rounds; ++i) {
                    if (i == 0 || lines <= 1) {
                        cart = cart_of(souk, lines);
                    }
                    requests.push_back(
                        post(cat("/carts/", cart, "/items"), item(lines <= 1 ? lines : lines / 2)));
                }
                return sending(souk, std::move(requests));
            }};
}

std::vector<std::string> orders_of_two_lines(WholeSouk& souk, int count, std::string_view series) {
    std::vector<std::string> requests;
    for (int i = 0; i < count; ++i) {
        requests.push_back(post("/orders",
                                cat(R"({"cart_id":")", cart_of(souk, 2),
                                    R"(","payment":{"provider":"manual","method":"manual"}})"),
                                cat("Idempotency-Key: ", series, zero_padded(i, 20), "\r\n")));
    }
    return requests;
}

Path placing_orders() {
    return {"place_order", 60, [](WholeSouk& souk, int rounds) {
                return sending(souk, orders_of_two_lines(souk, rounds, "placed-"));
            }};
}

Path reserving_stock() {
    return {
        "reserve_stock", 60, [](WholeSouk& souk, int rounds) {
            for (const auto& request : orders_of_two_lines(souk, rounds, "reserved-")) {
                answered(souk, request);
            }
            std::vector<Event> events;
            while (std::ssize(events) < rounds) {
                for (auto& message : must(souk.bus().receive(orders_queue, receive_max, {}, {}))) {
                    events.push_back(std::move(message.event));
                }
            }
            const auto reactions = souk.services().reactions();
            const auto found = std::ranges::find(reactions, orders_queue, &Reaction::queue);
            CHECK(found != reactions.end());
            return [react = found->react, events = std::move(events)](int round) {
                must(react(events.at(static_cast<std::size_t>(round))));
            };
        }};
}

/// The cached page with a hash too many: what the comparison has to find.
Path planted_slowdown(Path path) {
    path.name = "planted_slowdown";
    path.begin = [begin = path.begin](WholeSouk& souk, int rounds) -> std::function<void(int)> {
        return [walk = begin(souk, rounds)](int round) {
            walk(round);
            CHECK(OpensslCrypto().sha256(std::string(64, 'x')) != std::string());
        };
    };
    return path;
}

std::vector<Path> all_paths(const std::string& directory) {
    std::ifstream file(token_file(directory));
    const std::string token((std::istreambuf_iterator<char>(file)), {});
    const Path cached =
        reading("product_page_cached", 200, get("/products/thing-7"), Pages::cached);
    return {
        cached,
        planted_slowdown(cached),
        reading("product_page_made_anew", 100, get("/products/thing-7"), Pages::made_anew),
        reading("product_list_of_20_made_anew", 20, get("/products?limit=20"), Pages::made_anew),
        adding_to_cart("add_to_cart", 60, 1),
        on_request(adding_to_cart("add_to_cart_of_10_lines", 20, 10)),
        adding_to_cart("add_to_cart_of_100_lines", 5, 100),
        on_request(adding_to_cart("add_to_cart_of_1000_lines", 2, 1000)),
        placing_orders(),
        reserving_stock(),
        reading("customer_signed_in", 100, get("/me", cat("Authorization: Bearer ", token, "\r\n")),
                Pages::cached),
    };
}

void measure(const std::string& directory, const std::vector<std::string>& wanted) {
    WholeSouk souk(directory, 3);
    for (const auto& path : all_paths(directory)) {
        if (!path.is_wanted(wanted)) {
            continue;
        }
        const auto walk = path.begin(souk, warm_up + path.times);
        for (int round = 0; round < warm_up; ++round) {
            walk(round);
        }
        // What preparing the walk gave RocksDB to compact is done by then.
        std::this_thread::sleep_for(compaction_wait);
        CALLGRIND_START_INSTRUMENTATION;
        for (int round = warm_up; round < warm_up + path.times; ++round) {
            walk(round);
        }
        CALLGRIND_STOP_INSTRUMENTATION;
        CALLGRIND_DUMP_STATS_AT(path.name.c_str());
        std::printf("%s %d\n", path.name.c_str(), path.times);
    }
}

}  // namespace

}  // namespace souk::bench

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto stores = words.size() == 3 ? souk::to_integer(words[2]) : std::nullopt;
    if (stores && words[0] == "prepare") {
        souk::bench::prepare(words[1], *stores);
    } else if (words.size() >= 2 && words[0] == "measure") {
        souk::bench::measure(words[1], {words.begin() + 2, words.end()});
    } else {
        std::fputs("usage: hot_paths prepare DIR STORES | measure DIR [PATH…]\n", stderr);
        return 64;
    }
    return 0;
}
