#include "domain/products/reservation.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/stock.h"

namespace souk::products {

namespace {

constexpr Names<ReservationState, 7> state_table{{
    {ReservationState::reserving, "reserving"},
    {ReservationState::reserved, "reserved"},
    {ReservationState::rejecting, "rejecting"},
    {ReservationState::rejected, "rejected"},
    {ReservationState::cancelling, "cancelling"},
    {ReservationState::cancelled, "cancelled"},
    {ReservationState::sold, "sold"},
}};
constexpr Names<ChunkState, 3> chunk_state_table{{
    {ChunkState::held, "held"},
    {ChunkState::sold, "sold"},
    {ChunkState::returned, "returned"},
}};
constexpr std::string_view head_sort = "head";
constexpr int chunk_digits = 4;

std::string partition_of(const std::string& order) { return cat("reservation#", order); }
std::string chunk_sort(std::size_t index) {
    return cat("chunk#", zero_padded(index, chunk_digits));
}

std::string encode(const ReservationHead& head) {
    JsonWriter out;
    out.begin_object()
        .member("v", 1)
        .member("state", name_of(head.state))
        .member("chunks", head.chunks)
        .member("reason", head.reason)
        .key("skus")
        .begin_array();
    for (const auto& sku : head.skus) {
        out.value(sku);
    }
    out.end_array().end_object();
    return out.take();
}

std::string encode(const ReservationChunk& chunk) {
    JsonWriter out;
    out.begin_object()
        .member("v", 1)
        .member("state", name_in(chunk_state_table, chunk.state))
        .key("lines")
        .begin_array();
    for (const auto& line : chunk.lines) {
        out.begin_object()
            .member("sku", line.sku)
            .member("variant", line.variant)
            .member("quantity", line.quantity)
            .member("returned", line.returned)
            .member("tracked", line.tracked)
            .end_object();
    }
    out.end_array().key("refunds").begin_array();
    for (const auto& refund : chunk.refunds) {
        out.value(refund);
    }
    out.end_array().end_object();
    return out.take();
}

Result<ReservationHead> decode_head(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto state = value_in(state_table, root["state"].text_or());
    if (!state) {
        return fail(errors::corrupt_row, cat("The row ", row.partition, " is not a reservation."));
    }
    ReservationHead head{.state = *state,
                         .chunks = static_cast<std::size_t>(root["chunks"].integer_or(0)),
                         .reason = root["reason"].text_or(),
                         .version = row.version};
    for (std::size_t i = 0; i < root["skus"].size(); ++i) {
        head.skus.push_back(root["skus"].at(i).text_or());
    }
    return head;
}

Result<ReservationChunk> decode_chunk(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto state = value_in(chunk_state_table, root["state"].text_or());
    if (!state) {
        return fail(errors::corrupt_row,
                    cat("The row ", row.partition, " is not a reservation's chunk."));
    }
    ReservationChunk chunk{.state = *state, .version = row.version};
    const JsonView lines = root["lines"];
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const JsonView line = lines.at(i);
        chunk.lines.push_back({line["sku"].text_or(), line["variant"].text_or(),
                               line["quantity"].integer_or(0), line["returned"].integer_or(0),
                               line["tracked"].bool_or(true)});
    }
    for (std::size_t i = 0; i < root["refunds"].size(); ++i) {
        chunk.refunds.push_back(root["refunds"].at(i).text_or());
    }
    return chunk;
}

}  // namespace

std::string_view name_of(ReservationState state) { return name_in(state_table, state); }

std::vector<OrderedSku> merged(const std::vector<OrderedSku>& lines) {
    std::vector<OrderedSku> result;
    for (const auto& line : lines) {
        const auto same = std::ranges::find(result, line.sku, &OrderedSku::sku);
        if (same == result.end()) {
            result.push_back(line);
        } else {
            same->quantity += line.quantity;
        }
    }
    return result;
}

std::vector<StockMove> give_back(ReservationChunk& chunk) {
    std::vector<StockMove> moves;
    if (chunk.state == ChunkState::returned) {
        return moves;
    }
    for (auto& line : chunk.lines) {
        const std::int64_t rest = line.quantity - line.returned;
        if (line.tracked && rest > 0) {
            moves.push_back({line.variant, chunk.state == ChunkState::held ? given_back(rest)
                                                                           : received(rest, 0)});
        }
        line.returned = line.quantity;
    }
    chunk.state = ChunkState::returned;
    return moves;
}

std::vector<StockMove> sell(ReservationChunk& chunk) {
    std::vector<StockMove> moves;
    if (chunk.state != ChunkState::held) {
        return moves;
    }
    for (const auto& line : chunk.lines) {
        const std::int64_t rest = line.quantity - line.returned;
        if (line.tracked && rest > 0) {
            moves.push_back({line.variant, sold(rest)});
        }
    }
    chunk.state = ChunkState::sold;
    return moves;
}

std::vector<StockMove> restock(ReservationChunk& chunk, std::string_view refund,
                               const std::vector<OrderedSku>& lines) {
    std::vector<StockMove> moves;
    if (chunk.state == ChunkState::returned ||
        std::ranges::find(chunk.refunds, refund) != chunk.refunds.end()) {
        return moves;
    }
    bool concerned = false;
    for (auto& line : chunk.lines) {
        const auto wanted = std::ranges::find(lines, line.sku, &OrderedSku::sku);
        const std::int64_t back =
            wanted == lines.end() ? 0 : std::min(wanted->quantity, line.quantity - line.returned);
        if (back <= 0) {
            continue;
        }
        concerned = true;
        line.returned += back;
        if (line.tracked) {
            moves.push_back({line.variant, chunk.state == ChunkState::held ? given_back(back)
                                                                           : received(back, 0)});
        }
    }
    if (concerned) {
        chunk.refunds.emplace_back(refund);
    }
    return moves;
}

Result<std::optional<ReservationHead>> ReservationRepository::head(const std::string& order) const {
    const auto row = TRY(rows_.find(partition_of(order), head_sort));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_head(*row));
}

Result<std::vector<ReservationChunk>> ReservationRepository::chunks(const std::string& order,
                                                                    std::size_t count) const {
    std::vector<StoreKey> keys;
    for (std::size_t i = 0; i < count; ++i) {
        keys.push_back({partition_of(order), chunk_sort(i)});
    }
    std::vector<ReservationChunk> chunks;
    for (const auto& row : TRY(rows_.find_many(keys))) {
        if (!row) {
            return fail(errors::corrupt_row,
                        cat("A chunk of the reservation of ", order, " is missing."));
        }
        chunks.push_back(TRY(decode_chunk(*row)));
    }
    return chunks;
}

void ReservationRepository::put(Changes& changes, const std::string& order,
                                const ReservationHead& head, Instant now) const {
    StoreRow row{
        .partition = partition_of(order), .sort = std::string(head_sort), .body = encode(head)};
    if (head.state == ReservationState::rejected || head.state == ReservationState::cancelled) {
        row.expires = now + reservation_kept;
    }
    rows_.put(changes, std::move(row), Expect::as_read(head.version));
}

void ReservationRepository::put(Changes& changes, const std::string& order, std::size_t index,
                                const ReservationChunk& chunk, Instant now) const {
    StoreRow row{
        .partition = partition_of(order), .sort = chunk_sort(index), .body = encode(chunk)};
    if (chunk.state == ChunkState::returned) {
        // Outlives its head, which would miss it.
        row.expires = now + 2 * reservation_kept;
    }
    rows_.put(changes, std::move(row), Expect::as_read(chunk.version));
}

}  // namespace souk::products
