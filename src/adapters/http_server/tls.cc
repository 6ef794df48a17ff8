#include "adapters/http_server/tls.h"

#include <openssl/ssl.h>

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

}  // namespace

Result<std::unique_ptr<boost::asio::ssl::context>> tls_context(const TlsFiles& files) {
    using boost::asio::ssl::context;
    auto made = std::make_unique<context>(context::tls_server);
    SSL_CTX* const native = made->native_handle();
    ::SSL_CTX_set_default_passwd_cb(native, no_password);
    boost::system::error_code ec;
    std::ignore = made->use_certificate_chain_file(files.certificate_chain, ec);
    if (ec) {
        return unusable(files.certificate_chain, ec);
    }
    std::ignore = made->use_private_key_file(files.private_key, context::pem, ec);
    if (ec) {
        return unusable(files.private_key, ec);
    }
    if (::SSL_CTX_check_private_key(native) != 1) {
        return fail(errors::http_server_misconfigured,
                    cat("The key ", files.private_key, " does not belong to the certificate ",
                        files.certificate_chain, '.'));
    }
    ::SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    ::SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    return made;
}

}  // namespace souk::http_edge
