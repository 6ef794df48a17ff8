#include "adapters/aws_client/tls_trust.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <mutex>
#include <utility>

#include "adapters/aws_client/amazon_roots.h"
#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

void believe_amazon(SSL_CTX* context) {
    const std::string_view pem = amazon_roots_pem();
    BIO* text = ::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509_STORE* store = ::SSL_CTX_get_cert_store(context);
    while (X509* root = ::PEM_read_bio_X509(text, nullptr, nullptr, nullptr)) {
        CHECK(::X509_STORE_add_cert(store, root) == 1);
        ::X509_free(root);
    }
    ::BIO_free(text);
    ::ERR_clear_error();  // That there is no sixth one is no error of the next call.
}

}  // namespace

struct TlsTrust::State {
    std::string ca_file;
    std::once_flag once;
    SSL_CTX* context = nullptr;
    bool loaded = false;

    void make() {
        context = ::SSL_CTX_new(::TLS_client_method());
        CHECK(context != nullptr);
        ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
        ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        ::SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
        if (ca_file.empty()) {
            believe_amazon(context);
            loaded = true;
        } else {
            loaded = ::SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
            ::ERR_clear_error();
        }
    }
};

TlsTrust::TlsTrust(std::string ca_file) : state_(std::make_unique<State>()) {
    state_->ca_file = std::move(ca_file);
}

TlsTrust::~TlsTrust() { ::SSL_CTX_free(state_->context); }

Result<void*> TlsTrust::context() {
    std::call_once(state_->once, [this] { state_->make(); });
    if (!state_->loaded) {
        return fail(errors::aws_misconfigured,
                    cat("The trusted certificates cannot be read from ", state_->ca_file, '.'));
    }
    return static_cast<void*>(state_->context);
}

}  // namespace souk::aws
