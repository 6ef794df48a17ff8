#pragma once

#include <optional>
#include <string>

#include "domain/base/error.h"
#include "domain/base/id.h"

/// What siblings may ask the users service. Read-only.
namespace souk::users {

struct Person {
    UserId id;
    std::string email;
    std::string name;
};

class People {
public:
    virtual ~People() = default;
    /// A staff account; nothing if unknown.
    [[nodiscard]] virtual Result<std::optional<Person>> staff(const UserId& user) const = 0;
    [[nodiscard]] virtual Result<std::optional<Person>> staff_by_email(
        std::string_view email) const = 0;
};

}  // namespace souk::users
