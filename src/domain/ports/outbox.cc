#include "domain/ports/outbox.h"

#include <array>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr char event_format = 1;
constexpr std::string_view arrivals = "a";
constexpr std::size_t number_bytes = 8;

void append_field(std::string& out, std::string_view field) {
    out += ordered_bytes(field.size());
    out += field;
}

/// Takes the next field off the front of `rest`.
std::optional<std::string> take_field(std::string_view& rest) {
    if (rest.size() < number_bytes) {
        return std::nullopt;
    }
    const std::uint64_t size = from_ordered_bytes(rest);
    rest.remove_prefix(number_bytes);
    if (size > rest.size()) {
        return std::nullopt;
    }
    std::string field(rest.substr(0, size));
    rest.remove_prefix(size);
    return field;
}

}  // namespace

std::string ordered_bytes(std::uint64_t number) {
    std::string bytes(number_bytes, '\0');
    for (std::size_t i = 0; i < number_bytes; ++i) {
        bytes[i] = static_cast<char>(number >> (8 * (number_bytes - 1 - i)));
    }
    return bytes;
}

std::uint64_t from_ordered_bytes(std::string_view bytes) {
    CHECK(bytes.size() >= number_bytes);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < number_bytes; ++i) {
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return number;
}

std::string arrival_key(std::string_view queue, std::uint64_t sequence) {
    return cat(arrivals, queue, '\0', ordered_bytes(sequence));
}

std::uint64_t arrival_sequence(std::string_view key) {
    CHECK(key.size() > number_bytes);
    return from_ordered_bytes(key.substr(key.size() - number_bytes));
}

std::string encode_event(const Event& event) {
    std::string out;
    out.reserve(64 + event.id.size() + event.source.size() + event.type.size() +
                event.subject.size() + event.body.size() + event.traceparent.size());
    out.push_back(event_format);
    out += ordered_bytes(static_cast<std::uint64_t>(event.time.unix_ms()));
    for (const std::string* field :
         {&event.id, &event.source, &event.type, &event.subject, &event.body, &event.traceparent}) {
        append_field(out, *field);
    }
    return out;
}

Result<Event> decode_event(std::string_view bytes) {
    if (bytes.size() < 1 + number_bytes || bytes[0] != event_format) {
        return fail(errors::corrupt_row, "A queued event is not in a format that this souk reads.");
    }
    Event event;
    event.time =
        Instant::from_unix_ms(static_cast<std::int64_t>(from_ordered_bytes(bytes.substr(1))));
    bytes.remove_prefix(1 + number_bytes);
    for (std::string* field :
         {&event.id, &event.source, &event.type, &event.subject, &event.body, &event.traceparent}) {
        auto taken = take_field(bytes);
        if (!taken) {
            return fail(errors::corrupt_row, "A queued event is cut short.");
        }
        *field = std::move(*taken);
    }
    return event;
}

}  // namespace souk
