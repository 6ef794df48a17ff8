#pragma once

#include <map>
#include <string>
#include <string_view>

#include "domain/ports/templates.h"

namespace souk {

/// The templates in templates/, which are part of the binary. Their files are named
/// `{name}.{language}.{subject|text|html}.mustache`; those whose name begins with an underscore are
/// partials of their language and part (`{{> _order}}`).
/// Source: the Mustache manual, mustache(5), as kainjow mustache 4.1 reads it.
class MustacheTemplates final : public Templates {
public:
    /// Checks that each mail has its three parts; a missing one is a broken build. Whether they
    /// parse is seen when they are rendered, which most functions never do, and by the tests.
    MustacheTemplates();

    [[nodiscard]] Result<RenderedMail> render(std::string_view name, std::string_view locale,
                                              JsonView view) const override;

private:
    using Parts = std::map<std::string, std::string, std::less<>>;  // By "order_confirmed.en.html".

    [[nodiscard]] std::string language_for(std::string_view name, std::string_view locale) const;
    [[nodiscard]] Result<std::string> render_part(std::string_view name, std::string_view language,
                                                  std::string_view part, JsonView view) const;

    Parts mails_;
    Parts partials_;
};

}  // namespace souk
