#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "domain/base/error.h"
#include "domain/base/instant.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode invalid_id{"invalid_id", ErrorKind::invalid};
}

namespace detail {
/// Whether `text` is `prefix` followed by 26 Crockford base-32 characters.
bool is_id(std::string_view text, std::string_view prefix);
/// The 26 characters of a ULID. Shape: `random` holds 10 bytes.
std::string ulid(Instant now, std::string_view random);
/// The 16 bytes of `random` as a ULID spells 128 bits: right-aligned, so the first of 26 characters
/// is 0-7. Ids of former times were left-aligned and begin with any; is_id knows both.
std::string random_id(std::string_view random);
}  // namespace detail

/// A public identifier: `prefix` + 26 characters. Two kinds never mix, neither with each other nor
/// with plain text. Shape: Tag gives `prefix`, e.g. "order_".
template <class Tag>
class Id {
public:
    /// Errors: invalid_id.
    static Result<Id> parse(std::string_view text) {
        if (!detail::is_id(text, Tag::prefix)) {
            return fail(errors::invalid_id,
                        "Not an id of the form " + std::string(Tag::prefix) + "….");
        }
        return Id(std::string(text));
    }
    /// A ULID: ordered by `now`, told apart by 10 random bytes.
    static Id make(Instant now, std::string_view random) {
        return Id(std::string(Tag::prefix) + detail::ulid(now, random));
    }
    /// 128 random bits, for ids that are themselves a secret. Shape: 16 random bytes.
    static Id make_secret(std::string_view random) {
        return Id(std::string(Tag::prefix) + detail::random_id(random));
    }
    /// For rows that were written from a valid id, and for literals in tests.
    static Id trusted(std::string text) { return Id(std::move(text)); }

    [[nodiscard]] const std::string& text() const { return text_; }
    friend auto operator<=>(const Id&, const Id&) = default;

private:
    explicit Id(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

#define SOUK_ID(Name, prefix_text)                              \
    struct Name##Tag {                                          \
        static constexpr std::string_view prefix = prefix_text; \
    };                                                          \
    using Name = Id<Name##Tag>

SOUK_ID(StoreId, "store_");
SOUK_ID(ProductId, "prod_");
SOUK_ID(VariantId, "var_");
SOUK_ID(CategoryId, "cat_");
SOUK_ID(MediaId, "med_");
SOUK_ID(ImportId, "imp_");
SOUK_ID(CartId, "cart_");
SOUK_ID(LineId, "line_");
SOUK_ID(OrderId, "order_");
SOUK_ID(PaymentId, "pay_");
SOUK_ID(RefundId, "ref_");
SOUK_ID(FulfilmentId, "ful_");
SOUK_ID(UserId, "user_");
SOUK_ID(AddressId, "addr_");
SOUK_ID(EventId, "evt_");
SOUK_ID(WebhookId, "wh_");
SOUK_ID(DeliveryId, "whd_");
SOUK_ID(NotificationId, "ntf_");
SOUK_ID(KeyId, "key_");
SOUK_ID(RequestId, "req_");

}  // namespace souk

template <class Tag>
struct std::hash<souk::Id<Tag>> {
    std::size_t operator()(const souk::Id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
