#include "adapters/http_client/name_lookups.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "domain/base/text.h"
#include "domain/ports/http_client.h"

namespace souk::http_out {

namespace {

struct Question {
    std::string host;
    std::optional<std::vector<IpAddress>> answer;
    bool abandoned = false;
};

IpAddress address_of(const addrinfo& entry) {
    if (entry.ai_family == AF_INET6) {
        IpAddress address;
        const auto* socket_address = reinterpret_cast<const sockaddr_in6*>(entry.ai_addr);
        std::memcpy(address.bytes.data(), &socket_address->sin6_addr, address.bytes.size());
        return address;
    }
    IpAddress address{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    const auto* socket_address = reinterpret_cast<const sockaddr_in*>(entry.ai_addr);
    std::memcpy(address.bytes.data() + 12, &socket_address->sin_addr, 4);
    return address;
}

}  // namespace

struct NameLookups::State {
    Resolve resolve;
    std::size_t threads_max;
    std::mutex mutex;
    std::condition_variable asked;
    std::condition_variable answered;
    std::deque<std::shared_ptr<Question>> questions;
    std::size_t threads = 0;
    std::size_t idle = 0;
    bool stopped = false;
};

NameLookups::NameLookups(Resolve resolve, std::size_t threads_max)
    : state_(std::make_shared<State>()) {
    state_->resolve = std::move(resolve);
    state_->threads_max = std::max<std::size_t>(threads_max, 1);
}

NameLookups::~NameLookups() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopped = true;
    }
    state_->asked.notify_all();
}

Result<std::vector<IpAddress>> NameLookups::find(const std::string& host, Time deadline) {
    auto question = std::make_shared<Question>();
    question->host = host;
    std::unique_lock lock(state_->mutex);
    state_->questions.push_back(question);
    if (state_->questions.size() > state_->idle && state_->threads < state_->threads_max) {
        try {
            std::thread([state = state_] { work(state); }).detach();
            ++state_->threads;
        } catch (const std::system_error& failure) {
            if (state_->threads == 0) {
                std::erase(state_->questions, question);
                return fail(errors::target_unreachable,
                            cat("The name could not be looked up: ", failure.what(), '.'));
            }
        }
    }
    state_->asked.notify_one();
    if (!state_->answered.wait_until(lock, deadline,
                                     [&] { return question->answer.has_value(); })) {
        question->abandoned = true;
        std::erase(state_->questions, question);
        return fail(errors::target_unreachable, cat("Looking up ", host, " took too long."));
    }
    if (question->answer->empty()) {
        return fail(errors::target_unreachable, cat("There is no host named ", host, '.'));
    }
    return std::move(*question->answer);
}

void NameLookups::work(const std::shared_ptr<State>& state) {
    std::unique_lock lock(state->mutex);
    for (;;) {
        ++state->idle;
        state->asked.wait(lock, [&] { return state->stopped || !state->questions.empty(); });
        --state->idle;
        if (state->stopped) {
            return;
        }
        const std::shared_ptr<Question> question = std::move(state->questions.front());
        state->questions.pop_front();
        lock.unlock();
        std::vector<IpAddress> addresses = state->resolve(question->host);
        lock.lock();
        if (!question->abandoned) {
            question->answer = std::move(addresses);
            state->answered.notify_all();
        }
    }
}

std::vector<IpAddress> resolve_by_system(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    std::vector<IpAddress> addresses;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
        return addresses;
    }
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6) {
            addresses.push_back(address_of(*entry));
        }
    }
    ::freeaddrinfo(found);
    return addresses;
}

}  // namespace souk::http_out
