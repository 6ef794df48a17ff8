#pragma once

#include <chrono>
#include <ctime>
#include <thread>

namespace souk::bench {

/// Waits until no thread of this process has anything to do. RocksDB's are counted with the rest:
/// what filling a database gave them to compact has to be done before anything is measured.
inline void wait_until_quiet() {
    std::clock_t before = 0;
    do {
        before = std::clock();
        std::this_thread::sleep_for(std::chrono::seconds(1));
    } while (std::clock() - before > CLOCKS_PER_SEC / 100);
}

}  // namespace souk::bench
