#pragma once

#include <cstddef>
#include <functional>

namespace souk::aws {

/// Does 0 to below `count` of the work, so many at a time, all within this thread's deadline and
/// trace. What one of them throws comes out here once all have ended.
void side_by_side(std::size_t count, std::size_t workers,
                  const std::function<void(std::size_t)>& work);

}  // namespace souk::aws
