#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

using contract::key_at;
using contract::row_at;

constexpr int writers = 8;

/// The child's whole life: eight writers commit rows and an index entry each, and report every
/// acknowledged one.
[[noreturn]] void commit_until_killed(const std::string& directory, int reports) {
    SettableClock clock;
    auto ledger = RocksLedger::open({directory, clock, contract::contract_subscriptions()});
    if (!ledger) {
        _exit(1);
    }
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([&, writer] {
            for (int i = 0;; ++i) {
                const int number = i * writers + writer;
                Transaction transaction;
                transaction.writes = {Put{row_at(cat("row-", number)), Expect::absent()},
                                      Add{key_at("sum"), {{"rows", 1, {}}}, Expect::any()}};
                transaction.events = {contract::event_of(contract::happened, cat(number))};
                if (!(*ledger)->commit(transaction) ||
                    ::write(reports, &number, sizeof number) != sizeof number) {
                    _exit(1);
                }
            }
        });
    }
    threads.clear();
    _exit(1);
}

/// Reads acknowledged numbers until the pipe ends; kills the child after the first `enough`.
std::set<int> acknowledged(int reports, pid_t child, std::size_t enough) {
    std::set<int> numbers;
    int number = 0;
    while (::read(reports, &number, sizeof number) == sizeof number) {
        numbers.insert(number);
        if (numbers.size() == enough) {
            ::kill(child, SIGKILL);
        }
    }
    return numbers;
}

TEST(Recovery, LosesNoAcknowledgedCommitWhenTheProcessIsKilled) {
    const TemporaryDirectory directory;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        commit_until_killed(directory.path(), ends[1]);
    }
    ::close(ends[1]);
    const std::set<int> numbers = acknowledged(ends[0], child, 500);
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    ASSERT_GE(numbers.size(), 500U);

    SettableClock clock;
    const auto ledger =
        RocksLedger::open({directory.path(), clock, contract::contract_subscriptions()});
    ASSERT_TRUE(ledger) << ledger.error().detail;
    for (const int number : numbers) {
        const auto row = (*ledger)->get(key_at(cat("row-", number)));
        ASSERT_TRUE(row && *row) << "the acknowledged row " << number << " is lost";
    }
    // All or nothing: as many rows as the counter counted and as events lie in the queue.
    std::int64_t rows = 0;
    Query query{.table = "test", .partition = "p", .from = "row-", .before = "row.", .limit = 1000};
    for (bool more = true; more; more = !query.cursor.empty()) {
        const auto page = (*ledger)->query(query);
        ASSERT_TRUE(page);
        rows += std::ssize(page->rows);
        query.cursor = page->cursor.value_or("");
    }
    const auto queued =
        (*ledger)->scan(arrival_key("alpha", 0), arrival_key("alpha", ~0ULL), 1'000'000);
    ASSERT_TRUE(queued);
    EXPECT_EQ((**(*ledger)->get(key_at("sum"))).counters.at("rows"), rows);
    EXPECT_EQ(std::ssize(*queued), rows);
}

}  // namespace
}  // namespace souk
