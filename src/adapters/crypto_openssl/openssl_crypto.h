#pragma once

#include "domain/ports/crypto.h"

namespace souk {

/// The Crypto of production: OpenSSL's EVP. Stateless; safe from any thread.
/// Errors: none; where OpenSSL cannot work at all (no entropy, no memory) the process ends.
class OpensslCrypto final : public Crypto {
public:
    /// Keeps OpenSSL from reading the machine's openssl.cnf, which may name modules that a static
    /// binary cannot load and costs a Lambda function a tenth of its start. Before anything that
    /// uses OpenSSL.
    static void ignore_machine_configuration();

    [[nodiscard]] std::string random(std::size_t bytes) const override;
    [[nodiscard]] std::string sha256(std::string_view message) const override;
    [[nodiscard]] std::string hmac_sha256(std::string_view key,
                                          std::string_view message) const override;
    [[nodiscard]] std::string seal(std::string_view key, std::string_view plain) const override;
    [[nodiscard]] std::optional<std::string> open(std::string_view key,
                                                  std::string_view sealed) const override;
};

}  // namespace souk
