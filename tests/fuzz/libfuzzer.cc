#include <cstddef>
#include <cstdint>

#include "fuzz/target.h"

/// libFuzzer's entry into the one target that this program is linked with.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    souk::fuzz::targets().front().run({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
