#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "adapters/identity_local/local_identity.h"
#include "adapters/identity_local/test_key.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "contracts/identity_fixture.h"

namespace souk::contract {

/// A directory that goes with its test.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "souk-keys-XXXXXX").string();
        CHECK(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// With a key in it already; two of them have the same.
class KeyDirectory : public TemporaryDirectory {
public:
    KeyDirectory() { std::ofstream(path() + "/" + test_key_file) << test_key_pem; }
};

/// A LocalIdentity on a memory ledger.
class LocalHome final : public IdentityHome {
public:
    static constexpr const char* issuer = "http://localhost:8080";

    LocalHome() { restart(); }

    LocalIdentity& identity() override { return *identity_; }
    [[nodiscard]] Instant now() const override { return environment.clock.now(); }
    void advance(std::chrono::milliseconds by) override { environment.clock.advance(by); }

    /// The identity begins anew on the same ledger and keys.
    void restart(std::size_t hashes_waiting_max = 64) {
        identity_.reset();
        identity_ =
            must(LocalIdentity::open({.ledger = ledger,
                                      .environment = environment.environment(),
                                      .all_stores = AllStores::granted_by_composition_root(),
                                      .issuer = issuer,
                                      .key_directory = keys.path(),
                                      .hashes_waiting_max = hashes_waiting_max}));
    }

    TestEnvironment environment;
    MemoryLedger ledger{environment.clock};
    KeyDirectory keys;

private:
    std::unique_ptr<LocalIdentity> identity_;
};

}  // namespace souk::contract
