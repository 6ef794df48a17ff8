#include "adapters/bus_sns_sqs/lambda_batch.h"

#include "domain/base/json.h"

namespace souk {

std::string batch_failures(const std::vector<std::string>& identifiers) {
    JsonWriter out;
    out.begin_object().key("batchItemFailures").begin_array();
    for (const auto& identifier : identifiers) {
        out.begin_object().member("itemIdentifier", identifier).end_object();
    }
    out.end_array().end_object();
    return out.take();
}

}  // namespace souk
