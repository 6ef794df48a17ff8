#include "domain/base/id.h"

#include "domain/base/text.h"

namespace souk::detail {

namespace {
constexpr std::size_t encoded_size = 26;
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
// A ULID's first 6 bytes are its first 10 characters, two zero bits in front of them.
constexpr std::size_t head_size = 10;
constexpr std::size_t head_bytes = 6;

std::string head_of(std::uint64_t number) {
    std::string text(head_size, '0');
    for (std::size_t i = head_size; i-- > 0; number >>= 5) {
        text[i] = alphabet[number & 31U];
    }
    return text;
}
}  // namespace

bool is_id(std::string_view text, std::string_view prefix) {
    return text.size() == prefix.size() + encoded_size && text.starts_with(prefix) &&
           text.substr(prefix.size()).find_first_not_of(alphabet) == std::string_view::npos;
}

std::string random_id(std::string_view random) {
    CHECK(random.size() == 16);
    std::uint64_t head = 0;
    for (const char c : random.substr(0, head_bytes)) {
        head = head << 8U | static_cast<unsigned char>(c);
    }
    return head_of(head) + to_base32(random.substr(head_bytes));
}

std::string ulid(Instant now, std::string_view random) {
    CHECK(random.size() == 10);
    return head_of(static_cast<std::uint64_t>(now.unix_ms())) + to_base32(random);
}

}  // namespace souk::detail
