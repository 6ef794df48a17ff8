#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/aws_options.h"
#include "domain/base/error.h"

namespace souk::aws {

/// Calls AWS (or an emulator) over HTTP/1.1 and TLS.
class HttpAwsClient final : public AwsClient {
public:
    /// Opens nothing yet. Errors: aws_misconfigured (no region, an unusable endpoint, certificates
    /// that cannot be read).
    static Result<std::unique_ptr<HttpAwsClient>> make(AwsOptions options);
    ~HttpAwsClient() override;

    /// Errors: also aws_misconfigured, for a call that no HTTP request can carry.
    [[nodiscard]] Result<Answer> call(const Call& call) override;
    [[nodiscard]] Result<std::string> presign(const Presigned& presigned) override;
    [[nodiscard]] std::string endpoint(std::string_view service) const override;
    [[nodiscard]] std::string_view region() const override;

    /// Does beforehand what the first call does else: makes the TLS context, finds credentials.
    /// Errors: aws_no_credentials.
    [[nodiscard]] Result<void> warm();

private:
    class State;

    explicit HttpAwsClient(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace souk::aws
