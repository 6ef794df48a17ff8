#include "domain/notifications/letter.h"

#include "domain/base/text.h"
#include "domain/notifications/event_types.h"

namespace souk::notifications {

namespace {

Result<std::string> open_code(JsonView sealed, const Environment& environment) {
    const auto bytes = from_base64(sealed.text_or());
    auto code =
        bytes ? environment.crypto.open(environment.key_for("codes"), *bytes) : std::nullopt;
    if (!code) {
        return fail(errors::corrupt_row, "The code in the event cannot be opened.");
    }
    return *std::move(code);
}

std::string account_view(JsonView person, const Sender& sender, std::string_view name,
                         std::string_view code) {
    JsonWriter out;
    out.begin_object().member("store", sender.name);
    if (!sender.website.empty()) {
        out.member("website", sender.website);
    }
    if (!name.empty()) {
        out.member("name", name);
    }
    if (!code.empty()) {
        out.member("code", code);
    }
    out.member("email", person["email"].text_or()).end_object();
    return out.take();
}

std::optional<MailKind> kind_of(std::string_view event_type, JsonView content) {
    if (event_type == type::user_signed_up) {
        return content["known"].bool_or(false) ? MailKind::account_exists : MailKind::sign_up_code;
    }
    if (event_type == type::password_reset_requested) {
        return MailKind::password_reset_code;
    }
    if (event_type == type::order_confirmed) {
        return MailKind::order_confirmed;
    }
    if (event_type == type::order_cancelled) {
        return MailKind::order_cancelled;
    }
    if (event_type == type::order_fulfilled) {
        return MailKind::order_fulfilled;
    }
    if (event_type == type::order_refunded &&
        content["refund"]["amount"]["amount"].integer_or(1) != 0) {
        return MailKind::order_refunded;  // Of a gift that is not sent, there is none.
    }
    return std::nullopt;
}

}  // namespace

Result<std::optional<Letter>> letter_about(const Event& event, const Sender& sender,
                                           const Environment& environment) {
    const JsonDocument document = TRY(JsonDocument::parse(event.body));
    const JsonView content = document.root();
    const auto kind = kind_of(event.type, content);
    if (!kind) {
        return std::nullopt;
    }
    Letter letter{*kind, {}, {}};
    switch (*kind) {
        case MailKind::order_confirmed:
        case MailKind::order_cancelled:
        case MailKind::order_fulfilled:
        case MailKind::order_refunded:
            letter.to = content["order"]["email"].text_or();
            letter.view = order_view(content, sender);
            break;
        case MailKind::sign_up_code:
        case MailKind::password_reset_code:
            letter.to = content["email"].text_or();
            // Without the name: until the code comes back it is a stranger's, who could have the
            // shop mail anything to anyone.
            letter.view = account_view(content, sender, {},
                                       TRY(open_code(content["code_sealed"], environment)));
            break;
        case MailKind::account_exists:
            letter.to = content["email"].text_or();
            letter.view = account_view(content, sender, content["name"].text_or(), {});
            break;
    }
    return letter.to.empty() ? std::nullopt : std::optional(std::move(letter));
}

}  // namespace souk::notifications
