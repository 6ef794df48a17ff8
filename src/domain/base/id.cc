#include "domain/base/id.h"

#include "domain/base/text.h"

namespace souk::detail {

namespace {
constexpr std::size_t encoded_size = 26;
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
}  // namespace

bool is_id(std::string_view text, std::string_view prefix) {
    return text.size() == prefix.size() + encoded_size && text.starts_with(prefix) &&
           text.substr(prefix.size()).find_first_not_of(alphabet) == std::string_view::npos;
}

std::string random_id(std::string_view random) {
    CHECK(random.size() == 16);
    return to_base32(random);
}

std::string ulid(Instant now, std::string_view random) {
    CHECK(random.size() == 10);
    std::string text(10, '0');
    auto rest = static_cast<std::uint64_t>(now.unix_ms());
    for (std::size_t i = 10; i-- > 0; rest >>= 5) {
        text[i] = alphabet[rest & 31U];
    }
    return text + to_base32(random);
}

}  // namespace souk::detail
