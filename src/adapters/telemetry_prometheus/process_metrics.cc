#include "adapters/telemetry_prometheus/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "domain/base/text.h"

namespace souk {

namespace {

std::string one(std::string_view name, std::string_view type, std::string_view help,
                std::string_view value) {
    return cat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n", name, " ", value,
               "\n");
}

std::string thousandths(std::int64_t value) {
    return cat(value / 1000, ".", zero_padded(static_cast<std::uint64_t>(value % 1000), 3));
}

std::int64_t milliseconds(const timeval& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_usec / 1000;
}

}  // namespace

std::string process_metrics_text(Instant started) {
    std::string out;
    std::int64_t pages = 0;
    std::int64_t resident = 0;
    if (std::ifstream("/proc/self/statm") >> pages >> resident) {
        out += one("process_resident_memory_bytes", "gauge", "Resident memory.",
                   cat(resident * ::sysconf(_SC_PAGESIZE)));
    }
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        out += one("process_cpu_seconds_total", "counter", "User and system CPU time.",
                   thousandths(milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)));
    }
    std::error_code error;
    std::int64_t open_files = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
         at.increment(error)) {
        ++open_files;
    }
    if (!error) {
        out += one("process_open_fds", "gauge", "Open file descriptors.", cat(open_files));
    }
    return out + one("process_start_time_seconds", "gauge", "When the process started.",
                     thousandths(started.unix_ms()));
}

}  // namespace souk
