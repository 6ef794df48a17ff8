#pragma once

#include "adapters/http_answer/answer_reader.h"
#include "domain/ports/http_client.h"

namespace souk::http_out {

/// What is read of a stranger's answer: enough to say what became of a delivery.
inline constexpr http_answer::Limits answer_limits{.head_max = 16UL * 1024,
                                                   .body_max = IncomingAnswer::body_bytes_max,
                                                   .overlong = http_answer::Limits::Overlong::cut,
                                                   .all_max = 256UL * 1024};

}  // namespace souk::http_out
