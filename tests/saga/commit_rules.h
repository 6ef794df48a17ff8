#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "domain/base/json.h"
#include "domain/ports/ledger.h"

/// What every single commit must be like, said once more from the design and not from the code.
namespace souk::testing {

/// Follows the rows from commit to commit: states move along their tables only, and what a commit
/// changes it announces, nothing more and nothing less.
class CommitRules {
public:
    /// What is wrong with the next commit, or nothing.
    [[nodiscard]] std::optional<std::string> judge(const Transaction& transaction);
    /// How often a mail was claimed, each time to be sent once.
    [[nodiscard]] int claims_of(const std::string& mail) const;
    /// How many pieces came into a cart from others, less those that went; by its key.
    [[nodiscard]] std::int64_t moved_into(const std::string& cart) const;

private:
    /// Type and subject of an event (a refund's: and its id), as often as it is there.
    using Announcements = std::multiset<std::string>;

    void follow(const Put& put);
    void follow_order(std::string_view id, const Put& put, JsonView body);
    void follow_reservation(const std::string& id, const Put& put, JsonView body);
    void follow_cart(const Put& put, JsonView body);
    void follow_mail(const Put& put, JsonView body);
    /// Whether the thing moved, which must be legal.
    bool move(std::string_view kind, const std::string& name, const std::string& to);
    void keep_pieces(const Transaction& transaction);
    void found(std::string what);

    std::map<std::string, std::string> states_;     // By kind and name.
    std::map<std::string, std::int64_t> returned_;  // By chunk.
    std::map<RowKey, std::int64_t> pieces_;         // Of each cart line.
    std::map<std::string, std::int64_t> moved_;     // Between carts.
    std::map<std::string, int> claims_;             // By mail.
    Announcements owed_;
    std::optional<std::string> wrong_;
};

/// The partition without its store.
[[nodiscard]] std::string_view partition_of(const RowKey& key);
/// What follows the prefix; empty if it is another.
[[nodiscard]] std::string_view after(std::string_view text, std::string_view prefix);

}  // namespace souk::testing
