#pragma once

#include <gtest/gtest.h>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

/// One service's table over a ledger in memory, and two stores.
class ServiceTest : public testing::Test {
protected:
    TestEnvironment environment_;
    MemoryLedger memory_{environment_.clock};
    ServiceLedger service_{memory_, "orders", environment_.environment()};
    StoreId store_ = StoreId::trusted("store_01ARYZ6S410000000000000000");
    StoreId other_ = StoreId::trusted("store_01ARYZ6S410000000000000001");
    StoreLedger wall_ = service_.store(store_);
    StoreLedger other_wall_ = service_.store(other_);
    PlatformLedger platform_ = service_.platform(AllStores::granted_by_composition_root());

    /// A row of one commit, which must succeed.
    void write(const WalledLedger& wall, StoreRow row) {
        Changes changes;
        wall.put(changes, std::move(row), Expect::any());
        ASSERT_TRUE(service_.commit(changes));
    }

    /// The body of a row, or empty.
    std::string body_of(const WalledLedger& wall, std::string_view partition,
                        std::string_view sort) {
        const auto row = wall.find(partition, sort);
        return row && *row ? (*row)->body : std::string();
    }

    /// A caller of `store_` whose request carries this key and this body's fingerprint.
    Caller keyed_caller(std::string_view key, std::string_view fingerprint) {
        Caller caller = system_caller(store_, "");
        caller.idempotency =
            Idempotency{std::string(key), std::string(fingerprint), std::string(32, 'k')};
        return caller;
    }
};

}  // namespace souk
