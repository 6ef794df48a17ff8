#include "adapters/identity_local/password_hasher.h"

#include <sodium.h>

#include <array>
#include <utility>

#include "domain/ports/identity.h"

namespace souk {

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = std::size_t{19} * 1024 * 1024;
// Four bytes are the longest code point; what is longer cannot be anybody's password.
constexpr std::size_t password_bytes_max = std::size_t{4} * password_length_max;
// Of random bytes that nobody kept, with the parameters above: what an unknown account is checked
// against.
constexpr const char* dummy =
    "$argon2id$v=19$m=19456,t=2,p=1$6wzglW2E9UKpc1bE3K1fCg$"
    "8yyND6FFBrUbXlaDTJP8NzG5Q0eH83e9bvfMyKqhsj8";

bool matches(const std::string& stored, std::string_view password) {
    return crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
}

}  // namespace

PasswordHasher::PasswordHasher(std::size_t waiting_max) : waiting_max_(waiting_max) {
    CHECK(sodium_init() >= 0);
    thread_ = std::thread([this] { serve(); });
}

PasswordHasher::~PasswordHasher() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
    CHECK(password.size() <= password_bytes_max);
    std::array<char, crypto_pwhash_STRBYTES> encoded{};
    bool enough_memory = false;
    TRY(run([&] {
        enough_memory = crypto_pwhash_str(encoded.data(), password.data(), password.size(), passes,
                                          memory_bytes) == 0;
    }));
    if (!enough_memory) {
        return fail(errors::identity_unavailable, "There is no memory left to hash a password.");
    }
    return std::string(encoded.data());
}

Result<bool> PasswordHasher::verify(std::string_view password,
                                    const std::optional<std::string>& stored) {
    // An overlong password costs what any other does, not what its length would.
    const bool possible = stored.has_value() && password.size() <= password_bytes_max;
    const std::string against = possible ? *stored : std::string(dummy);
    const std::string_view tried = password.substr(0, password_bytes_max);
    bool right = false;
    TRY(run([&] { right = matches(against, tried); }));
    return possible && right;
}

Result<void> PasswordHasher::run(std::function<void()> work) {
    Job job{std::move(work)};
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= waiting_max_) {
        return fail(errors::identity_unavailable,
                    "Too many people are signing in at once; try again in a moment.");
    }
    waiting_.push_back(&job);
    arrived_.notify_one();
    finished_.wait(lock, [&] { return job.done; });
    return {};
}

void PasswordHasher::serve() {
    std::unique_lock lock(mutex_);
    while (true) {
        arrived_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) {
            return;
        }
        Job* const job = waiting_.front();
        waiting_.pop_front();
        lock.unlock();
        job->work();
        lock.lock();
        job->done = true;
        finished_.notify_all();
    }
}

}  // namespace souk
