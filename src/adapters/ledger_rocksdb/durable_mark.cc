#include "adapters/ledger_rocksdb/durable_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>
#include <utility>

#include "domain/base/text.h"
#include "domain/ports/ledger.h"
#include "domain/ports/outbox.h"

namespace souk::rocks {

namespace {

constexpr std::string_view mark_name = "souk.durable";

std::string path_in(const std::string& directory) { return cat(directory, '/', mark_name); }

std::unexpected<Error> cannot(std::string_view verb, const std::string& path) {
    return fail(errors::ledger_unavailable,
                cat("Cannot ", verb, " ", path, ": ", std::generic_category().message(errno), "."));
}

/// The number and its complement, so that garbage is not taken for a number.
std::string encode(std::uint64_t sequence) {
    return cat(ordered_bytes(sequence), ordered_bytes(~sequence));
}

}  // namespace

std::optional<std::uint64_t> DurableMark::read(const std::string& directory) {
    std::ifstream file(path_in(directory), std::ios::binary);
    std::string bytes(2 * sizeof(std::uint64_t) + 1, '\0');
    file.read(bytes.data(), std::ssize(bytes));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    if (bytes.size() != 2 * sizeof(std::uint64_t)) {
        return std::nullopt;
    }
    const std::uint64_t sequence = from_ordered_bytes(bytes);
    return bytes == encode(sequence) ? std::optional(sequence) : std::nullopt;
}

Result<void> DurableMark::write(const std::string& directory, std::uint64_t sequence) {
    std::ofstream file(path_in(directory), std::ios::binary | std::ios::trunc);
    file << encode(sequence) << std::flush;
    return file ? Result<void>{} : Result<void>(cannot("write", path_in(directory)));
}

Result<DurableMark> DurableMark::open(const std::string& directory) {
    const std::string path = path_in(directory);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return cannot("open", path);
    }
    return DurableMark(descriptor, read(directory).value_or(0));
}

DurableMark::DurableMark(DurableMark&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), sequence_(other.sequence_) {}

DurableMark::~DurableMark() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void DurableMark::raise(std::uint64_t sequence) {
    const std::lock_guard lock(raising_);
    if (sequence > sequence_) {
        const std::string bytes = encode(sequence);
        std::ignore = ::pwrite(descriptor_, bytes.data(), bytes.size(), 0);
        sequence_ = sequence;
    }
}

}  // namespace souk::rocks
