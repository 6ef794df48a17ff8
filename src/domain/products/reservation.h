#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/store_ledger.h"

/// What an order has of the stock: a head that says how far its story has come, and chunks of lines
/// that each change in one commit. Rows: `reservation#{order}` / `head` and `chunk#0000`….
///
///     (none) ── reserving ── reserved ── sold          cancelling ── cancelled
///                   └── rejecting ── rejected          (from reserving, reserved and sold;
///                   cancelled at once
///                                                       when it came before the order)
namespace souk::products {

/// Longer than any message about the order can still be under way.
inline constexpr std::chrono::hours reservation_kept{24 * 90};

struct OrderedSku {
    std::string sku;
    std::int64_t quantity = 0;
};

enum class ReservationState {
    reserving,
    reserved,
    rejecting,
    rejected,
    cancelling,
    cancelled,
    sold
};
[[nodiscard]] std::string_view name_of(ReservationState state);

struct ReservationHead {
    ReservationState state = ReservationState::reserving;
    std::size_t chunks = 0;   // Chunk rows that exist: those from 0 to below this.
    std::string reason = {};  // Of a rejection.
    std::vector<std::string> skus = {};
    std::uint64_t version = 0;  // The row's; 0 when there is none yet.
};

/// Whose the chunk's goods are: the order's, the buyer's, or the store's again.
enum class ChunkState { held, sold, returned };

struct ReservedLine {
    std::string sku;
    std::string variant;  // Its id's text.
    std::int64_t quantity = 0;
    std::int64_t returned = 0;  // Of the quantity, by restocking or cancellation.
    bool tracked = true;        // Untracked stock has no counters to change.
};

struct ReservationChunk {
    ChunkState state = ChunkState::held;
    std::vector<ReservedLine> lines = {};
    std::vector<std::string> refunds = {};  // Those that have been taken into account.
    std::uint64_t version = 0;
};

/// Lines of the same SKU become one, in the order of their first appearance.
[[nodiscard]] std::vector<OrderedSku> merged(const std::vector<OrderedSku>& lines);

/// How one stock row has to change.
struct StockMove {
    std::string variant;
    std::vector<CounterChange> changes;
};
/// These change the chunk and say what that means for the stock. Nothing to do is an empty list and
/// no change.
[[nodiscard]] std::vector<StockMove> give_back(ReservationChunk& chunk);
[[nodiscard]] std::vector<StockMove> sell(ReservationChunk& chunk);
/// At most what is not back yet; a refund that was taken into account before is nothing.
[[nodiscard]] std::vector<StockMove> restock(ReservationChunk& chunk, std::string_view refund,
                                             const std::vector<OrderedSku>& lines);

class ReservationRepository {
public:
    explicit ReservationRepository(StoreLedger rows) : rows_(std::move(rows)) {}

    /// Nothing if the order is unknown.
    [[nodiscard]] Result<std::optional<ReservationHead>> head(const std::string& order) const;
    /// Chunks 0 to below `count`.
    [[nodiscard]] Result<std::vector<ReservationChunk>> chunks(const std::string& order,
                                                               std::size_t count) const;
    /// Expects the versions that were read. What came to nothing is kept for reservation_kept after
    /// `now`.
    void put(Changes& changes, const std::string& order, const ReservationHead& head,
             Instant now) const;
    void put(Changes& changes, const std::string& order, std::size_t index,
             const ReservationChunk& chunk, Instant now) const;

private:
    StoreLedger rows_;
};

}  // namespace souk::products
