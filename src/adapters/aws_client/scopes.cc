#include <utility>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/http_message.h"

namespace souk::aws {

namespace {

std::optional<std::chrono::system_clock::time_point>& thread_deadline() {
    thread_local std::optional<std::chrono::system_clock::time_point> deadline;
    return deadline;
}

std::string& thread_trace() {
    thread_local std::string trace;
    return trace;
}

}  // namespace

std::string_view Answer::header(std::string_view lower_case_name) const {
    return find_header(headers, lower_case_name);
}

DeadlineScope::DeadlineScope(std::chrono::system_clock::time_point deadline)
    : former_(std::exchange(thread_deadline(), deadline)) {}
DeadlineScope::~DeadlineScope() { thread_deadline() = former_; }
std::optional<std::chrono::system_clock::time_point> DeadlineScope::current() {
    return thread_deadline();
}

TraceScope::TraceScope(std::string trace_header)
    : former_(std::exchange(thread_trace(), std::move(trace_header))) {}
TraceScope::~TraceScope() { thread_trace() = std::move(former_); }
const std::string& TraceScope::current() { return thread_trace(); }

}  // namespace souk::aws
