#pragma once

#include <string>
#include <vector>

namespace souk {

/// What Lambda's event source mappings want to hear of a batch: those of its items that are to come
/// again. An empty list is a success; so is none, but anything else unknown repeats the whole
/// batch. Shape: {"batchItemFailures":[{"itemIdentifier":"…"}]}. Source: Lambda developer guide,
/// ReportBatchItemFailures.
[[nodiscard]] std::string batch_failures(const std::vector<std::string>& identifiers);

}  // namespace souk
