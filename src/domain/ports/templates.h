#pragma once

#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/json.h"

namespace souk {

namespace errors {
/// No template of that name, or one that cannot be rendered: a fault of the installation.
inline constexpr ErrorCode template_broken{"template_broken", ErrorKind::corrupt};
}  // namespace errors

/// What a mail says.
struct RenderedMail {
    std::string subject;  // One line, without control characters.
    std::string text;
    std::string html;  // Every value of the view is escaped in it.
};

/// Turns a view (a JSON object of values that are ready to be read) into words. Thread-safe.
class Templates {
public:
    virtual ~Templates() = default;
    /// The mail of that name ("order_confirmed") in the language of `locale` ("de-CH"; may be
    /// empty), in English where the language has none.
    /// Errors: template_broken.
    [[nodiscard]] virtual Result<RenderedMail> render(std::string_view name,
                                                      std::string_view locale,
                                                      JsonView view) const = 0;
};

}  // namespace souk
