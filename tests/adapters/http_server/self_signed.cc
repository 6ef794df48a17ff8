#include "adapters/http_server/self_signed.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>

#include "domain/base/error.h"

namespace souk::testing {

namespace {

constexpr long day_seconds = 24L * 60 * 60;

void add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    CHECK(extension != nullptr);
    ::X509_add_ext(certificate, extension, -1);
    ::X509_EXTENSION_free(extension);
}

}  // namespace

void write_self_signed(const std::string& name, const std::string& certificate_file,
                       const std::string& key_file) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = ::X509_new();
    ::X509_set_version(certificate, X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), 1);
    ::X509_gmtime_adj(X509_getm_notBefore(certificate), -day_seconds);
    ::X509_gmtime_adj(X509_getm_notAfter(certificate), day_seconds);
    ::X509_set_pubkey(certificate, key);
    X509_NAME* subject = ::X509_get_subject_name(certificate);
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    ::X509_set_issuer_name(certificate, subject);
    const bool is_number = name.find_first_not_of("0123456789.") == std::string::npos;
    add_extension(certificate, NID_subject_alt_name, (is_number ? "IP:" : "DNS:") + name);
    CHECK(::X509_sign(certificate, key, ::EVP_sha256()) > 0);
    std::FILE* file = std::fopen(certificate_file.c_str(), "w");
    CHECK(file != nullptr && PEM_write_X509(file, certificate) == 1);
    std::fclose(file);
    file = std::fopen(key_file.c_str(), "w");
    CHECK(file != nullptr &&
          PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    std::fclose(file);
    ::X509_free(certificate);
    ::EVP_PKEY_free(key);
}

}  // namespace souk::testing
