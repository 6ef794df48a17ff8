#include "adapters/media_s3/object_key.h"

#include <algorithm>

#include "domain/base/id.h"
#include "domain/base/text.h"

namespace souk {

bool is_s3_key(std::string_view key) {
    const auto pieces = split(key, '/');
    return key.size() <= object_key_bytes_max && pieces.size() <= object_key_pieces_max &&
           std::ranges::all_of(pieces, [](std::string_view piece) {
               return !piece.empty() && piece[0] != '.' && std::ranges::all_of(piece, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
               });
           });
}

bool is_shown_key(std::string_view key) {
    const auto pieces = split(key, '/');
    return is_s3_key(key) && pieces.size() == 2 && StoreId::parse(pieces[0]).has_value() &&
           pieces[1].starts_with("med_");
}

}  // namespace souk
