// What a queue's backlog costs: opening, memory, and the CPU of putting in and taking out.
//
//   backlog fill DIR MESSAGES    a ledger whose queue holds so many, half of them tried once
//   backlog work DIR             opens it, works, and prints the figures as JSON

#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "adapters/memory/settable_clock.h"
#include "bench/quiet.h"
#include "domain/base/text.h"

namespace souk::bench {

namespace {

constexpr std::string_view queue = "work";
constexpr std::string_view type = "souk.order.placed.v1";
constexpr std::int64_t events_a_commit = 90;
constexpr int worked_on = 2000;

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    std::exit(1);
}

template <class T>
T must(Result<T> result) {
    if (!result) {
        give_up(result.error());
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

std::unique_ptr<RocksLedger> open(const std::string& directory, Clock& clock) {
    return must(RocksLedger::open({.directory = directory + "/ledger",
                                   .clock = clock,
                                   .subscriptions = {{std::string(queue), {std::string(type)}}}}));
}

Event event(std::int64_t number, Instant now) {
    return {.id = cat("evt_", zero_padded(static_cast<std::uint64_t>(number), 26)),
            .source = "/stores/store_00000000000000000000000001/orders",
            .type = std::string(type),
            .subject = cat("order_", zero_padded(static_cast<std::uint64_t>(number), 26)),
            .time = now,
            .body = cat(R"({"number":)", number, R"(,"padding":")", std::string(300, 'x'), "\"}")};
}

std::vector<Message> some(LedgerBus& bus) { return must(bus.receive(queue, receive_max, {}, {})); }

void put(const std::string& directory, std::int64_t messages) {
    SettableClock clock;
    const auto ledger = open(directory, clock);
    LedgerBus bus(*ledger, clock);
    must(bus.resume());
    const auto announce = [&](std::int64_t from, std::int64_t to) {
        while (from < to) {
            Transaction transaction{.durability = Durability::relaxed};
            for (std::int64_t i = 0; i < events_a_commit && from < to; ++i, ++from) {
                transaction.events.push_back(event(from, clock.now()));
            }
            must(ledger->commit(transaction));
        }
    };
    announce(0, messages / 2);
    for (std::int64_t tried = 0; tried < messages / 2;) {
        for (const auto& message : some(bus)) {
            must(bus.retry(queue, message.receipt, "not now"));
            ++tried;
        }
    }
    announce(messages / 2, messages);
}

void fill(const std::string& directory, std::int64_t messages) {
    put(directory, messages);
    SettableClock clock;
    const auto again = open(directory, clock);
    wait_until_quiet();
}

double cpu_us() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double resident_mib() {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages >> pages;
    return pages * 4096 / 1024 / 1024;
}

/// Commits events one by one, durably, then takes as many messages and settles them.
void work(const std::string& directory) {
    SettableClock clock;
    const auto begun = std::chrono::steady_clock::now();
    const auto ledger = open(directory, clock);
    LedgerBus bus(*ledger, clock);
    must(bus.resume());
    const std::chrono::duration<double, std::milli> start =
        std::chrono::steady_clock::now() - begun;
    const double at_start = resident_mib();
    const double before_commits = cpu_us();
    for (int i = 0; i < worked_on; ++i) {
        must(ledger->commit({.events = {event(1'000'000'000 + i, clock.now())}}));
    }
    const double before_messages = cpu_us();
    for (int taken = 0; taken < worked_on;) {
        std::vector<std::string> receipts;
        for (const auto& message : some(bus)) {
            receipts.push_back(message.receipt);
        }
        taken += static_cast<int>(receipts.size());
        must(bus.acknowledge(queue, receipts));
    }
    const double after = cpu_us();
    std::printf(
        "{\"start_ms\": %.2f, \"start_mib\": %.2f, \"commit_cpu_us\": %.2f, "
        "\"message_cpu_us\": %.2f, \"used_mib\": %.2f}\n",
        start.count(), at_start, (before_messages - before_commits) / worked_on,
        (after - before_messages) / worked_on, resident_mib());
}

}  // namespace

}  // namespace souk::bench

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto messages = words.size() == 3 ? souk::to_integer(words[2]) : std::nullopt;
    if (messages && words[0] == "fill") {
        souk::bench::fill(words[1], *messages);
    } else if (words.size() == 2 && words[0] == "work") {
        souk::bench::work(words[1]);
    } else {
        std::fputs("usage: backlog fill DIR MESSAGES | backlog work DIR\n", stderr);
        return 64;
    }
    return 0;
}
