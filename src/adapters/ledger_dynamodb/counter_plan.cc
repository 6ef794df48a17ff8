#include "adapters/ledger_dynamodb/counter_plan.h"

#include <algorithm>

#include "adapters/ledger_dynamodb/item_codec.h"
#include "domain/base/text.h"

namespace souk::dynamo {

std::string CounterPlan::condition(const std::string& counter, Placeholders& placeholders) const {
    if (least == lowest && greatest == highest) {
        return {};
    }
    const std::string name = placeholders.name(counter_attribute(counter));
    const std::string range =
        all_of({least == lowest ? "" : cat(name, " >= ", placeholders.number(least)),
                greatest == highest ? "" : cat(name, " <= ", placeholders.number(greatest))});
    return holds_zero() ? cat("attribute_not_exists(", name, ") OR ", range) : range;
}

std::optional<std::map<std::string, CounterPlan>> plans_of(
    const std::vector<CounterChange>& changes) {
    std::map<std::string, CounterPlan> plans;
    for (const auto& change : changes) {
        CounterPlan& plan = plans[change.name];
        if (__builtin_add_overflow(plan.delta, change.delta, &plan.delta)) {
            return std::nullopt;
        }
        std::int64_t least = 0;
        if (__builtin_sub_overflow(change.floor.value_or(CounterPlan::lowest), plan.delta,
                                   &least)) {
            if (plan.delta < 0) {
                return std::nullopt;  // No counter is that large.
            }
            least = CounterPlan::lowest;
        }
        plan.least = std::max(plan.least, least);
        if (plan.delta > 0) {
            plan.greatest = std::min(plan.greatest, CounterPlan::highest - plan.delta);
        }
    }
    return plans;
}

}  // namespace souk::dynamo
