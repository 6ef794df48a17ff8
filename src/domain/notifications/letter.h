#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/json.h"
#include "domain/notifications/mail_record.h"
#include "domain/ports/environment.h"
#include "domain/ports/event.h"

/// From an event to what a mail about it says. Pure but for opening sealed codes.
namespace souk::notifications {

/// In whose name a mail is written.
struct Sender {
    std::string name;
    std::string locale;
    std::string website;  // "https://shop.example"; may be empty.
};

/// A mail before it is put into words.
struct Letter {
    MailKind kind = MailKind::order_confirmed;
    std::string to;
    std::string view;  // JSON, for Templates::render; holds the code in clear where there is one.
};

/// The mail that an event calls for; nothing if none, or if there is nobody to write to.
/// Errors: malformed_json; corrupt_row when a code cannot be opened.
[[nodiscard]] Result<std::optional<Letter>> letter_about(const Event& event, const Sender& sender,
                                                         const Environment& environment);

/// The members of an order's mail.
/// Shape: `event_data` is the `data` of an order event (docs/api/events.yaml).
[[nodiscard]] std::string order_view(JsonView event_data, const Sender& sender);

}  // namespace souk::notifications
