#pragma once

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/http_message.h"

namespace souk::aws {

/// The service's answer with its error code and message, in whichever of AWS's protocols it came.
/// Emulators answer in XML where AWS answers in JSON: the body decides, not the service. An error
/// without a code (an answer to HEAD, a proxy's page) has its status for one: "404".
[[nodiscard]] Answer read_answer(HttpAnswer answer);

/// Whether the body is the one that was sent, as far as its x-amz-crc32 (DynamoDB) tells.
[[nodiscard]] bool is_intact(const HttpAnswer& answer);

}  // namespace souk::aws
