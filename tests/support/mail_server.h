#pragma once

#include <string>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "support/child_process.h"
#include "support/temporary_folder.h"

namespace souk::testing_support {

inline constexpr std::chrono::seconds patience{30};

/// tests/support; CMake says where it is.
inline std::string support_file(std::string_view name) { return cat(SOUK_TEST_SUPPORT, "/", name); }

/// The interpreter that Debian's python3-aiosmtpd is installed for.
inline const std::string python = "/usr/bin/python3";

/// A running smtp_server.py. Its options are described there.
class MailServer {
public:
    /// Shape: `options` are members of a JSON object, e.g. `"user":"shop"`; may be empty.
    explicit MailServer(std::string_view options = {})
        : process_({python, support_file("smtp_server.py"),
                    cat("{\"certificate\":", json_quoted(folder_.path().string()),
                        options.empty() ? "" : ",", options, "}")}) {
        const auto ready = process_.line(patience);
        EXPECT_TRUE(ready.has_value())
            << "smtp_server.py does not start; is python3-aiosmtpd installed?";
        const auto document = JsonDocument::parse(ready.value_or("{}"));
        port_ = static_cast<std::uint16_t>(document ? document->root()["port"].integer_or(0) : 0);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string certificate() const { return (folder_.path() / "cert.pem").string(); }
    /// The next mail that it took, as mail_json.py and smtp_server.py describe it. Fails the test
    /// if none comes.
    JsonDocument mail() {
        const auto line = process_.line(patience);
        EXPECT_TRUE(line.has_value()) << "The server has taken no mail.";
        auto document = JsonDocument::parse(line.value_or("{}"));
        EXPECT_TRUE(document);
        return document ? *std::move(document) : JsonDocument{};
    }
    /// Whether no further mail was taken. What a mailer reported as sent was printed before.
    bool is_silent() { return !process_.line(std::chrono::milliseconds(0)).has_value(); }
    /// The next mail if it is there already.
    std::optional<JsonDocument> mail_so_far() {
        const auto line = process_.line(std::chrono::milliseconds(0));
        auto document =
            line ? JsonDocument::parse(*line) : Result<JsonDocument>(fail(errors::malformed_json));
        return document ? std::optional(*std::move(document)) : std::nullopt;
    }

private:
    TemporaryFolder folder_;
    ChildProcess process_;
    std::uint16_t port_ = 0;
};

}  // namespace souk::testing_support
