#include "adapters/bus_ledger/due_window.h"

#include <gtest/gtest.h>

#include <map>

#include "domain/ports/outbox.h"

namespace souk::bus {
namespace {

/// An outbox in a map, which counts how many entries it was made to read.
class MapOutbox final : public Outbox {
public:
    [[nodiscard]] const std::vector<Subscription>& subscriptions() const override { return none_; }
    [[nodiscard]] Result<std::optional<std::string>> read(std::string_view key) const override {
        const auto found = entries_.find(std::string(key));
        return found == entries_.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] Result<std::vector<OutboxEntry>> scan(std::string_view from,
                                                        std::string_view before,
                                                        std::size_t count_max) const override {
        std::vector<OutboxEntry> found;
        for (auto at = entries_.lower_bound(std::string(from));
             at != entries_.end() && at->first < before && found.size() < count_max; ++at) {
            found.push_back({at->first, at->second});
        }
        scanned += found.size();
        return found;
    }
    [[nodiscard]] Result<void> write(const std::vector<OutboxWrite>& writes) override {
        for (const auto& write : writes) {
            if (write.value) {
                entries_[write.key] = *write.value;
            } else {
                entries_.erase(write.key);
            }
        }
        return {};
    }
    void observe(CommitObserver&) override {}
    void forget(CommitObserver&) override {}

    mutable std::size_t scanned = 0;

private:
    std::map<std::string, std::string> entries_;
    std::vector<Subscription> none_;
};

DueKey at(std::int64_t ms) { return {Instant::from_unix_ms(ms), static_cast<std::uint64_t>(ms)}; }

TEST(DueWindow, GivesAllRowsInOrderWithBoundedMemory) {
    constexpr int rows = 3 * static_cast<int>(DueWindow::window_max);
    MapOutbox outbox;
    DueWindow window("q");
    for (int i = 0; i < rows; ++i) {
        const DueKey key = at(i * 7919 % rows);  // In a mixed order.
        ASSERT_TRUE(outbox.write({{pending_key("q", key), encode(PendingRow{1})}}));
        window.insert(key);
        EXPECT_LE(window.size(), DueWindow::window_max);
    }
    for (int i = 0; i < rows; ++i) {
        const auto soonest = window.soonest(outbox);
        ASSERT_TRUE(soonest && *soonest);
        ASSERT_EQ(**soonest, at(i));
        ASSERT_LE(window.size(), DueWindow::window_max);
        ASSERT_TRUE(outbox.write({{pending_key("q", **soonest), std::nullopt}}));
        window.remove(**soonest);
    }
    EXPECT_EQ(window.soonest(outbox).value(), std::nullopt);
    EXPECT_LE(outbox.scanned, 2U * rows) << "what is gone is not read again";
}

TEST(DueWindow, FindsTheRowsOfAnEarlierProcess) {
    MapOutbox outbox;
    ASSERT_TRUE(outbox.write({{pending_key("q", at(5)), encode(PendingRow{1})},
                              {pending_key("other", at(1)), encode(PendingRow{1})}}));
    DueWindow window("q");
    EXPECT_EQ(window.soonest(outbox).value(), at(5));
}

TEST(DueWindow, ReadsNothingAgainWhenItKnowsThatThereIsNothing) {
    MapOutbox outbox;
    DueWindow window("q");
    EXPECT_EQ(window.soonest(outbox).value(), std::nullopt);
    ASSERT_TRUE(outbox.write({{pending_key("q", at(5)), encode(PendingRow{1})}}));
    EXPECT_EQ(window.soonest(outbox).value(), std::nullopt) << "it was not told";
    window.insert(at(5));
    EXPECT_EQ(window.soonest(outbox).value(), at(5));
    EXPECT_EQ(outbox.scanned, 0U);
}

}  // namespace
}  // namespace souk::bus
