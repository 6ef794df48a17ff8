#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws_saga/market.h"

namespace souk::testing {

/// Lambda's event sources: they take what streams and queues hold to the functions, in batches, in
/// no order, now and then twice, and now and then without hearing what came of it.
class EventSources {
public:
    explicit EventSources(Market& market);

    /// Takes a few records of some table's stream to a relay.
    void relay_some();
    /// Takes a few messages of some queue to its reactions.
    void react_to_some();
    /// The same for the queue whose messages are under way, if any: a second sandbox beside the
    /// first, at the same rows.
    void react_beside();
    /// Runs what is due by the clock in some process.
    void sweep();
    /// Whether every record was relayed.
    [[nodiscard]] bool relayed_all() const;

private:
    void react_to(const std::string& queue);

    Market& market_;
    std::string under_way_;  // The queue whose messages are being reacted to.
    std::vector<std::string> tables_;
    std::map<std::string, std::size_t> positions_;  // Records of each stream that are done with.
};

}  // namespace souk::testing
