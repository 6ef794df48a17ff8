#include "adapters/ledger_rocksdb/row_codec.h"

namespace souk::rocks {

namespace {

constexpr char row_format = 1;

constexpr unsigned has_expiry = 1;
constexpr unsigned has_index_1 = 2;
constexpr unsigned has_index_2 = 4;
constexpr unsigned has_counters = 8;
constexpr std::array<unsigned, 2> index_flags = {has_index_1, has_index_2};

void append_varint(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

/// Small negative numbers stay short.
std::uint64_t zigzag(std::int64_t number) {
    return static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
}

void append_text(std::string& out, std::string_view text) {
    append_varint(out, text.size());
    out += text;
}

/// Reads front to back; after the first short read everything is nothing and `cut_short` says so.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t varint() {
        std::uint64_t number = 0;
        for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) {
                return number;
            }
        }
        cut_short_ = true;
        return 0;
    }
    std::string text() {
        const std::uint64_t size = varint();
        if (cut_short_ || size > rest_.size()) {
            cut_short_ = true;
            return {};
        }
        std::string out(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return out;
    }
    [[nodiscard]] bool cut_short() const { return cut_short_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
    bool cut_short_ = false;
};

unsigned char flags_of(const StoredRow& row) {
    unsigned flags = 0;
    flags |= row.expires ? has_expiry : 0U;
    flags |= row.index[0] ? has_index_1 : 0U;
    flags |= row.index[1] ? has_index_2 : 0U;
    flags |= row.counters.empty() ? 0U : has_counters;
    return static_cast<unsigned char>(flags);
}

}  // namespace

std::string encode_head(const StoredRow& row) {
    std::string out;
    out.reserve(64);
    out.push_back(row_format);
    out.push_back(static_cast<char>(flags_of(row)));
    append_varint(out, row.version);
    if (row.expires) {
        append_varint(out, zigzag(row.expires->unix_ms()));
    }
    for (const auto& index : row.index) {
        if (index) {
            append_text(out, index->partition);
            append_text(out, index->sort);
        }
    }
    if (!row.counters.empty()) {
        append_varint(out, row.counters.size());
        for (const auto& [name, value] : row.counters) {
            append_text(out, name);
            append_varint(out, zigzag(value));
        }
    }
    return out;
}

Result<StoredRow> decode_row(std::string_view bytes) {
    if (bytes.size() < 2 || bytes[0] != row_format) {
        return fail(errors::corrupt_row, "A row is not in a format that this souk reads.");
    }
    const auto flags = static_cast<unsigned char>(bytes[1]);
    Reader reader(bytes.substr(2));
    StoredRow row;
    row.version = reader.varint();
    if ((flags & has_expiry) != 0) {
        row.expires = Instant::from_unix_ms(unzigzag(reader.varint()));
    }
    for (std::size_t i = 0; i < row.index.size(); ++i) {
        if ((flags & index_flags[i]) != 0) {
            std::string partition = reader.text();
            row.index[i] = IndexKey{std::move(partition), reader.text()};
        }
    }
    if ((flags & has_counters) != 0) {
        for (std::uint64_t left = reader.varint(); left > 0 && !reader.cut_short(); --left) {
            std::string name = reader.text();
            row.counters.insert_or_assign(std::move(name), unzigzag(reader.varint()));
        }
    }
    if (reader.cut_short()) {
        return fail(errors::corrupt_row, "A row is cut short.");
    }
    row.body = reader.rest();
    return row;
}

Row to_row(RowKey key, StoredRow stored) {
    Row row;
    row.key = std::move(key);
    row.version = stored.version;
    row.body = stored.body;
    row.counters = std::move(stored.counters);
    row.expires = stored.expires;
    row.index = std::move(stored.index);
    return row;
}

}  // namespace souk::rocks
