#include "adapters/aws_client/profile_file.h"

#include "domain/base/text.h"

namespace souk::aws {

namespace {

/// The profile that `[profile x]` or `[x]` begins; a text without brackets yields itself.
std::string_view profile_of(std::string_view line) {
    std::string_view name = trimmed(line.substr(1, line.find(']') - 1));
    if (name.starts_with("profile ") || name.starts_with("profile\t")) {
        name = trimmed(name.substr(8));
    }
    return name;
}

/// Without a comment, which begins with white space and # or ;.
std::string_view without_comment(std::string_view value) {
    for (std::size_t i = 1; i < value.size(); ++i) {
        const bool gap = value[i - 1] == ' ' || value[i - 1] == '\t';
        if (gap && (value[i] == '#' || value[i] == ';')) {
            return value.substr(0, i);
        }
    }
    return value;
}

}  // namespace

Profile read_profile(std::string_view text, std::string_view name) {
    Profile profile;
    bool inside = false;
    for (const std::string_view line : split(text, '\n')) {
        if (line.starts_with('[')) {
            inside = profile_of(line) == name;
            continue;
        }
        const std::size_t mark = line.find('=');
        const bool plain = !line.empty() && !std::string_view("#; \t\r").contains(line.front());
        if (inside && plain && mark != std::string_view::npos) {
            profile[ascii_lower(trimmed(line.substr(0, mark)))] =
                trimmed(without_comment(line.substr(mark + 1)));
        }
    }
    return profile;
}

}  // namespace souk::aws
