#pragma once

#include <chrono>
#include <string>

#include "domain/base/error.h"

namespace souk {

namespace errors {
/// The server will never take this mail (bad recipient).
inline constexpr ErrorCode mail_refused{"mail_refused", ErrorKind::invalid};
inline constexpr ErrorCode mail_unavailable{"mail_unavailable", ErrorKind::unavailable};
}  // namespace errors

struct Mail {
    std::string id;         // Becomes the Message-ID's local part: a repeat is recognisable.
    std::string from_name;  // The store's name; the address is the operator's.
    std::string reply_to;   // May be empty.
    std::string to;
    std::string subject;
    std::string text;
    std::string html;
};

/// Sends mail. Contract: tests/contracts/mailer_contract.h.
class Mailer {
public:
    virtual ~Mailer() = default;
    /// Accepted for delivery when it returns. Text reaches the reader unchanged whatever its
    /// characters; no value can add a header. Errors: mail_refused, mail_unavailable. Repeat: sends
    /// again (the caller remembers).
    [[nodiscard]] virtual Result<void> send(const Mail& mail) = 0;
    /// A `send` has come to its end after so long, whatever the server does.
    [[nodiscard]] virtual std::chrono::milliseconds longest() const = 0;
};

}  // namespace souk
