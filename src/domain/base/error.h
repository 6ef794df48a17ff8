#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace souk {

/// What sort of failure an error is. One table maps it to an HTTP status, another to retry, drop or
/// dead-letter; nothing else may be read into it.
enum class ErrorKind { invalid, not_found, conflict, denied, exhausted, unavailable, corrupt };

/// A stable, public name for one failure (`snake_case`), with its kind. Each is a constant declared
/// beside the code that returns it.
struct ErrorCode {
    std::string_view name;
    ErrorKind kind;

    friend constexpr bool operator==(const ErrorCode& a, const ErrorCode& b) {
        return a.name == b.name;
    }
};

/// One mistake in the caller's input: where (an RFC 6901 JSON Pointer into the body, or
/// `?name` for a query parameter), which, and in words.
struct FieldError {
    std::string pointer;
    std::string code;
    std::string detail;

    friend bool operator==(const FieldError&, const FieldError&) = default;
};

/// Why an operation did not happen. `fields` holds all the mistakes of a bad input at once;
/// `members` holds further problem+json members as {name, rendered JSON} (e.g. current_version).
struct Error {
    ErrorCode code;
    std::string detail;
    std::vector<FieldError> fields = {};
    std::vector<std::pair<std::string, std::string>> members = {};
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for `return fail(code, "why")`.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
    return std::unexpected(Error{code, std::move(detail)});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

/// Codes that any layer may return.
namespace errors {
inline constexpr ErrorCode validation_failed{"validation_failed", ErrorKind::invalid};
/// Nothing else is wrong.
inline constexpr ErrorCode unknown_member{"unknown_member", ErrorKind::invalid};
inline constexpr ErrorCode not_found{"not_found", ErrorKind::not_found};
inline constexpr ErrorCode version_mismatch{"version_mismatch", ErrorKind::conflict};
inline constexpr ErrorCode forbidden{"forbidden", ErrorKind::denied};
inline constexpr ErrorCode unauthenticated{"unauthenticated", ErrorKind::denied};
inline constexpr ErrorCode rate_limited{"rate_limited", ErrorKind::exhausted};
inline constexpr ErrorCode unavailable{"unavailable", ErrorKind::unavailable};
inline constexpr ErrorCode corrupt_row{"corrupt_row", ErrorKind::corrupt};
}  // namespace errors

/// A validation error with one mistake.
[[nodiscard]] std::unexpected<Error> invalid_field(std::string pointer, std::string_view code,
                                                   std::string detail);
/// A validation error with all of `fields`, which must not be empty.
[[nodiscard]] std::unexpected<Error> invalid_fields(std::vector<FieldError> fields);

namespace detail {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

/// The value of a Result that has one, by value: g++ 12 loses what a statement expression yields by
/// reference in a function that could be constexpr (a lambda, say).
template <class R>
typename std::remove_cvref_t<R>::value_type taken(R&& result) {
    if constexpr (!std::is_void_v<typename std::remove_cvref_t<R>::value_type>) {
        return *std::forward<R>(result);
    }
}
}  // namespace detail

}  // namespace souk

/// Yields the value of a Result, or returns its error from the enclosing function. May be nested.
#define TRY(...) SOUK_TRY_NAMED(SOUK_JOINED(souk_try_, __COUNTER__), __VA_ARGS__)
#define SOUK_JOINED(a, b) SOUK_JOINED_AGAIN(a, b)
#define SOUK_JOINED_AGAIN(a, b) a##b
#define SOUK_TRY_NAMED(result, ...)                              \
    ({                                                           \
        auto&& result = (__VA_ARGS__);                           \
        if (!result) [[unlikely]] {                              \
            return ::std::unexpected(std::move(result).error()); \
        }                                                        \
        ::souk::detail::taken(std::move(result));                \
    })

/// Logs and aborts, in every build, when an invariant of the program itself is broken.
#define CHECK(...)                                                          \
    do {                                                                    \
        if (!(__VA_ARGS__)) [[unlikely]] {                                  \
            ::souk::detail::check_failed(#__VA_ARGS__, __FILE__, __LINE__); \
        }                                                                   \
    } while (false)
