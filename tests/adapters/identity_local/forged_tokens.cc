#include "adapters/identity_local/forged_tokens.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <filesystem>

#include "domain/base/text.h"

namespace souk::contract {

std::string render(const RawMembers& members) {
    std::string json = "{";
    for (const auto& [name, raw] : members) {
        json += cat(json.size() > 1 ? "," : "", "\"", name, "\":", raw);
    }
    return json + "}";
}

RawMembers with(RawMembers members, const std::string& name, const std::string& raw) {
    const auto found = std::ranges::find(members, name, [](const auto& m) { return m.first; });
    if (found == members.end()) {
        members.emplace_back(name, raw);
    } else if (raw.empty()) {
        members.erase(found);
    } else {
        found->second = raw;
    }
    return members;
}

std::string message_of(std::string_view header, std::string_view payload) {
    return cat(to_base64url(header), '.', to_base64url(payload));
}

std::string signed_by(const key_files::Key& key, const std::string& message, Algorithm algorithm) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    const EVP_MD* const digest = algorithm == Algorithm::rs512 ? EVP_sha512() : EVP_sha256();
    EVP_PKEY_CTX* padding = nullptr;
    CHECK(EVP_DigestSignInit(context.get(), &padding, digest, nullptr, key.get()) == 1);
    if (algorithm == Algorithm::ps256) {
        CHECK(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1);
    }
    std::string signature(512, '\0');
    std::size_t length = signature.size();
    CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                         reinterpret_cast<const unsigned char*>(message.data()),
                         message.size()) == 1);
    signature.resize(length);
    return cat(message, '.', to_base64url(signature));
}

std::string signed_with_secret(std::string_view secret, const std::string& message) {
    std::string mac(32, '\0');
    CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
               reinterpret_cast<const unsigned char*>(message.data()), message.size(),
               reinterpret_cast<unsigned char*>(mac.data()), nullptr) != nullptr);
    return cat(message, '.', to_base64url(mac));
}

key_files::Key key_in(const std::string& directory) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().filename().string().starts_with("signing-")) {
            return key_files::read_private(*key_files::read(entry.path().string()));
        }
    }
    return nullptr;
}

}  // namespace souk::contract
