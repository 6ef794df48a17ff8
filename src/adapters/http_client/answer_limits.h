#pragma once

#include "adapters/http_answer/answer_reader.h"

namespace souk::http_out {

/// What is read of a stranger's answer: enough to say what became of a delivery.
inline constexpr http_answer::Limits answer_limits{.head_max = 16UL * 1024,
                                                   .body_max = 64UL * 1024,
                                                   .overlong = http_answer::Limits::Overlong::cut,
                                                   .all_max = 256UL * 1024};

}  // namespace souk::http_out
