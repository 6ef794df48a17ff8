#include "adapters/http_server/tls.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/system/error_code.hpp>
#include <string_view>
#include <tuple>

#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

/// Length-prefixed, as ALPN wants it.
constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    unsigned char* match = nullptr;
    const int found =
        ::SSL_select_next_proto(&match, size, protocols, sizeof(protocols), offered, offered_size);
    *chosen = match;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

/// Without it OpenSSL would ask for an encrypted key's password on the terminal.
int no_password(char*, int, int, void*) { return 0; }

std::unexpected<Error> unusable(std::string_view file, const boost::system::error_code& ec) {
    return fail(errors::http_server_misconfigured,
                cat("The TLS file ", file, " cannot be used: ", ec.message(), '.'));
}

/// Another one once the file is replaced or written to; empty if there is none.
std::string version_of(const std::string& file) {
    struct stat now{};
    if (::stat(file.c_str(), &now) != 0) {
        return {};
    }
    return cat(static_cast<std::uint64_t>(now.st_ino), ' ', static_cast<std::int64_t>(now.st_size),
               ' ', static_cast<std::int64_t>(now.st_mtim.tv_sec), ' ',
               static_cast<std::int64_t>(now.st_mtim.tv_nsec));
}

}  // namespace

Result<TlsContext> tls_context(const TlsFiles& files) {
    using boost::asio::ssl::context;
    auto made = std::make_shared<context>(context::tls_server);
    SSL_CTX* const native = made->native_handle();
    ::SSL_CTX_set_default_passwd_cb(native, no_password);
    boost::system::error_code ec;
    std::ignore = made->use_certificate_chain_file(files.certificate_chain, ec);
    if (ec) {
        return unusable(files.certificate_chain, ec);
    }
    // Refuses the key of another certificate.
    std::ignore = made->use_private_key_file(files.private_key, context::pem, ec);
    if (ec) {
        return unusable(files.private_key, ec);
    }
    ::SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    ::SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    return made;
}

Result<std::unique_ptr<Certificate>> Certificate::read(TlsFiles files,
                                                       std::chrono::milliseconds every,
                                                       Telemetry& telemetry) {
    std::unique_ptr<Certificate> made(new Certificate(std::move(files), every, telemetry));
    TRY(made->read_if_changed());
    return made;
}

Result<void> Certificate::read_if_changed() {
    looked_at_ = std::chrono::steady_clock::now();
    const std::string versions =
        cat(version_of(files_.certificate_chain), '/', version_of(files_.private_key));
    if (versions == versions_) {
        return {};
    }
    // Before reading: what is written meanwhile is another version.
    versions_ = versions;
    context_ = TRY(tls_context(files_));
    return {};
}

TlsContext Certificate::current() {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() - looked_at_ < every_) {
        return context_;
    }
    const TlsContext before = context_;
    if (const auto read = read_if_changed(); !read) {
        telemetry_.log(LogLevel::error, "the new certificate cannot be used",
                       {{"detail", read.error().detail}});
    } else if (context_ != before) {
        telemetry_.log(LogLevel::notice, "the certificate was renewed",
                       {{"file", files_.certificate_chain}});
    }
    return context_;
}

}  // namespace souk::http_edge
