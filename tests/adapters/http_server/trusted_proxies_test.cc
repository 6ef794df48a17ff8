#include "adapters/http_server/trusted_proxies.h"

#include <gtest/gtest.h>

namespace souk::http_edge {
namespace {

bool holds(std::string_view proxy, const std::string& address) {
    TrustedProxies proxies;
    EXPECT_TRUE(proxies.add(proxy)) << proxy;
    return proxies.contains(address);
}

TEST(TrustedProxies, AreNoneAtFirst) {
    TrustedProxies proxies;
    EXPECT_TRUE(proxies.empty());
    EXPECT_FALSE(proxies.contains("127.0.0.1"));
    EXPECT_FALSE(proxies.contains(""));
    EXPECT_TRUE(proxies.add("10.0.0.0/8"));
    EXPECT_FALSE(proxies.empty());
    EXPECT_FALSE(proxies.contains(""));
}

TEST(TrustedProxies, HoldSingleAddresses) {
    EXPECT_TRUE(holds("10.0.0.7", "10.0.0.7"));
    EXPECT_FALSE(holds("10.0.0.7", "10.0.0.8"));
    EXPECT_TRUE(holds("FD00:0::7", "fd00::7"));
    EXPECT_TRUE(holds("::ffff:10.0.0.7", "10.0.0.7"));
}

// Load balancers and containers have whole networks, and none of their addresses was believed.
TEST(TrustedProxies, HoldRangesOfIpv4) {
    EXPECT_TRUE(holds("10.0.0.0/8", "10.0.0.0"));
    EXPECT_TRUE(holds("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    EXPECT_FALSE(holds("10.0.0.0/8", "9.255.255.255"));
    EXPECT_TRUE(holds("172.16.0.0/12", "172.31.255.255"));
    EXPECT_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
    EXPECT_TRUE(holds("10.0.0.7/32", "10.0.0.7"));
    EXPECT_FALSE(holds("10.0.0.6/32", "10.0.0.7"));
    EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
    EXPECT_TRUE(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(TrustedProxies, HoldRangesOfIpv6) {
    EXPECT_TRUE(holds("fd00::/8", "fd00::7"));
    EXPECT_TRUE(holds("fd00::/8", "fdff:ffff::"));
    EXPECT_FALSE(holds("fd00::/8", "fe00::"));
    EXPECT_TRUE(holds("fe80::/10", "febf::1%1"));
    EXPECT_FALSE(holds("fe80::/10", "fec0::1"));
    EXPECT_TRUE(holds("2001:db8::7/128", "2001:db8::7"));
    EXPECT_FALSE(holds("2001:db8::6/128", "2001:db8::7"));
    EXPECT_TRUE(holds("::/0", "2001:db8::7"));
}

TEST(TrustedProxies, HoldNothingOfTheOtherFamily) {
    EXPECT_FALSE(holds("::/0", "203.0.113.9"));
    EXPECT_FALSE(holds("::/96", "203.0.113.9"));
    EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::7"));
    EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
}

TEST(TrustedProxies, RefuseARangeWithBitsBehindItsPrefix) {
    for (const char* range :
         {"10.0.0.1/8", "10.0.0.1/31", "128.0.0.0/0", "fd00::1/8", "fd00::1/127", "::1/0"}) {
        EXPECT_FALSE(TrustedProxies().add(range)) << range;
    }
}

TEST(TrustedProxies, RefuseWhatIsNoRange) {
    using namespace std::string_view_literals;
    for (const auto range :
         {"10.0.0.0/33"sv, "10.0.0.0/-1"sv, "10.0.0.0/"sv, "10.0.0.0/08"sv, "10.0.0.0/+8"sv,
          "10.0.0.0/ 8"sv, "10.0.0.0/8/8"sv, "10.0.0.0/255.0.0.0"sv, "10.0.0/8"sv, "/8"sv, "/"sv,
          "fd00::/129"sv, "fd00::%1/64"sv, "proxy/8"sv, "proxy"sv, ""sv, "10.0.0.1\0x"sv,
          "10.0.0.0/99999999999999999999"sv}) {
        TrustedProxies proxies;
        EXPECT_FALSE(proxies.add(range)) << range;
        EXPECT_TRUE(proxies.empty()) << range;
    }
}

}  // namespace
}  // namespace souk::http_edge
