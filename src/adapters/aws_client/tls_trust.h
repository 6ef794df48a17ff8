#pragma once

#include <memory>
#include <string>

#include "domain/base/error.h"

namespace souk::aws {

/// Which certificates are believed, and the TLS settings (1.2 and later): made once, at first use.
/// Thread-safe.
class TlsTrust {
public:
    /// Shape: `ca_file` in PEM; empty: Amazon's own roots, which are part of the program.
    explicit TlsTrust(std::string ca_file);
    ~TlsTrust();
    TlsTrust(const TlsTrust&) = delete;
    TlsTrust& operator=(const TlsTrust&) = delete;

    /// An OpenSSL `SSL_CTX`. Errors: aws_misconfigured (the file cannot be read).
    [[nodiscard]] Result<void*> context();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace souk::aws
