#include "gateway/response_headers.h"

#include <algorithm>
#include <utility>

namespace souk::gateway {

std::string_view header_of(const Response& response, std::string_view name) {
    const auto found = std::ranges::find(response.headers, name, &Parameter::first);
    return found == response.headers.end() ? std::string_view{} : std::string_view(found->second);
}

void set_header(Response& response, std::string_view name, std::string value) {
    const auto found = std::ranges::find(response.headers, name, &Parameter::first);
    if (found == response.headers.end()) {
        response.headers.emplace_back(name, std::move(value));
    } else {
        found->second = std::move(value);
    }
}

}  // namespace souk::gateway
