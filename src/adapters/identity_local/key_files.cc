#include "adapters/identity_local/key_files.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "domain/base/text.h"
#include "domain/ports/identity.h"

namespace souk::key_files {

namespace {

constexpr unsigned int key_bits = 2048;

struct Freed {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(BIGNUM* number) const { BN_free(number); }
};
using Bio = std::unique_ptr<BIO, Freed>;
using Number = std::unique_ptr<BIGNUM, Freed>;

Key owned(EVP_PKEY* key) {
    return {key, [](EVP_PKEY* k) { EVP_PKEY_free(k); }};
}

Key usable(EVP_PKEY* raw) {
    Key key = owned(raw);
    const bool good = raw != nullptr && EVP_PKEY_is_a(raw, "RSA") == 1 &&
                      EVP_PKEY_get_bits(raw) >= static_cast<int>(key_bits);
    return good ? key : nullptr;
}

Bio reading(std::string_view text) {
    CHECK(text.size() <= INT_MAX);
    Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    CHECK(bio != nullptr);
    return bio;
}

std::string written(const Bio& bio) {
    char* start = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &start);
    CHECK(length > 0);
    return {start, static_cast<std::size_t>(length)};
}

std::string number_of(const Key& key, const char* name) {
    BIGNUM* raw = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key.get(), name, &raw) == 1);
    const Number number(raw);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
    BN_bn2bin(raw, reinterpret_cast<unsigned char*>(bytes.data()));
    return to_base64url(bytes);
}

std::unexpected<Error> failed(std::string_view what, const std::string& path, int error_number) {
    return fail(
        errors::identity_unavailable,
        cat("Cannot ", what, " ", path, ": ", std::generic_category().message(error_number), "."));
}

/// A file descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

Key generate() {
    Key key = owned(EVP_RSA_gen(key_bits));
    CHECK(key != nullptr);
    return key;
}

Key read_private(std::string_view pem) {
    return usable(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, nullptr, nullptr));
}

Key read_public(std::string_view pem) {
    return usable(PEM_read_bio_PUBKEY(reading(pem).get(), nullptr, nullptr, nullptr));
}

std::string private_pem(const Key& key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    CHECK(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
    return written(bio);
}

std::string public_pem(const Key& key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    CHECK(PEM_write_bio_PUBKEY(bio.get(), key.get()) == 1);
    return written(bio);
}

std::pair<std::string, std::string> modulus_and_exponent(const Key& key) {
    return {number_of(key, OSSL_PKEY_PARAM_RSA_N), number_of(key, OSSL_PKEY_PARAM_RSA_E)};
}

Result<void> make_directory(const std::string& directory) {
    std::error_code error;
    const auto parent = std::filesystem::path(directory).parent_path();
    if (!parent.empty()) {
        std::filesystem::create_directories(parent, error);
    }
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return failed("make the key directory", directory, errno);
    }
    return {};
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(directory, error);
    while (!error && entry != std::filesystem::directory_iterator()) {
        names.push_back(entry->path().filename().string());
        entry.increment(error);
    }
    if (error) {
        return failed("list the key directory", directory, error.value());
    }
    return names;
}

long long changed_ns(const std::string& directory) {
    struct stat status{};
    if (::stat(directory.c_str(), &status) != 0) {
        return 0;
    }
    return static_cast<long long>(status.st_mtim.tv_sec) * 1'000'000'000LL + status.st_mtim.tv_nsec;
}

Result<std::string> read(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();  // Of a directory it fails; an iterator would throw.
    if (!file || text.bad()) {
        return failed("read", path, errno);
    }
    return text.str();
}

Result<void> write(const std::string& directory, const std::string& name, std::string_view text) {
    const std::string path = cat(directory, "/", name);
    // The process id keeps two that write at once apart; a dead one's remains are no key's name.
    const std::string temporary = cat(path, ".", ::getpid(), ".new");
    {
        const Descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (file.number() < 0 || !write_all(file.number(), text) || ::fsync(file.number()) != 0) {
            const int why = errno;
            ::unlink(temporary.c_str());
            return failed("write", temporary, why);
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const int why = errno;
        ::unlink(temporary.c_str());
        return failed("write", path, why);
    }
    const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
        return failed("flush the key directory", directory, errno);
    }
    return {};
}

Result<void> remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return failed("remove", path, errno);
    }
    return {};
}

}  // namespace souk::key_files
