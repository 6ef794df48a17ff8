#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Which commits went to DynamoDB as one, under a token that none of them has: so a repeat of any
/// of them can be told what became of all. Thread-safe.
class JointCommits {
public:
    /// Tokens kept; beyond that the oldest go, and with them the knowledge of a repeat.
    static constexpr std::size_t kept_max = 4096;

    struct Record {
        explicit Record(Transaction together) : all(std::move(together)) {}

        const Transaction all;
        std::mutex settling;           // Held by whoever finds out what became of it.
        std::optional<bool> happened;  // Nothing: unknown so far.
    };

    /// `happened`: as far as that is known.
    void keep(const std::vector<std::string>& tokens, Transaction all,
              std::optional<bool> happened);
    /// Null if there is none.
    [[nodiscard]] std::shared_ptr<Record> find(const std::string& token) const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Record>> records_;
    std::deque<std::string> order_;
};

}  // namespace souk::dynamo
