#include "adapters/http_client/ip_address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "domain/base/text.h"

namespace souk::http_out {
namespace {

struct Case {
    const char* address;
    bool is_public;
};

constexpr Case cases[] = {
    {"1.1.1.1", true},
    {"8.8.8.8", true},
    {"0.0.0.0", false},
    {"0.1.2.3", false},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.1", true},
    {"169.253.255.255", true},
    {"169.254.169.254", false},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.1", false},
    {"192.0.1.1", true},
    {"192.0.2.1", false},
    {"192.88.99.1", false},
    {"192.168.0.1", false},
    {"192.169.0.1", true},
    {"198.17.255.255", true},
    {"198.18.0.1", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.1", false},
    {"203.0.113.1", false},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"127.8.8.8", false},
    {"172.20.1.1", false},
    {"191.255.255.255", true},
    {"192.0.0.255", false},
    {"192.0.3.1", true},
    {"192.88.98.255", true},
    {"192.88.100.0", true},
    {"192.167.255.255", true},
    {"198.51.99.255", true},
    {"198.51.101.0", true},
    {"203.0.112.255", true},
    {"203.0.114.0", true},
    {"1fff:ffff::1", false},
    {"2000::1", true},
    {"2001:1ff:ffff::1", false},
    {"2001:200::1", true},
    {"2001:db7:ffff::1", true},
    {"2001:db9::1", true},
    {"2003::1", true},
    {"3fff:0fff:ffff::1", false},
    {"3fff:1000::1", true},
    {"4000::1", false},
    {"2606:4700:4700::1111", true},
    {"2a00:1450:4001::1", true},
    {"::", false},
    {"::1", false},
    {"::127.0.0.1", false},
    {"::8.8.8.8", false},
    {"::ffff:127.0.0.1", false},
    {"::ffff:10.0.0.1", false},
    {"::ffff:169.254.169.254", false},
    {"::ffff:8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::a9fe:a9fe", false},
    {"64:ff9b::808:808", true},
    {"64:ff9b:1::808:808", false},
    {"100::1", false},
    {"2001::1", false},
    {"2001:2::1", false},
    {"2001:10::1", false},
    {"2001:db8::1", false},
    {"2002:7f00:1::", false},
    {"2002:c0a8:1::", false},
    {"2002:808:808::", true},
    {"3fff:1::1", false},
    {"5f00::1", false},
    {"fc00::1", false},
    {"fdff:ffff::1", false},
    {"fe80::1", false},
    {"febf::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

TEST(IsPublic, TellsPublicAddressesFromTheRest) {
    for (const Case& c : cases) {
        const auto address = parse_ip(c.address);
        ASSERT_TRUE(address) << c.address;
        EXPECT_EQ(is_public(*address), c.is_public) << c.address;
    }
}

/// The IPv6 address whose text begins with `prefix` and goes on with the IPv4 one in hexadecimal.
std::string embedded(const char* v4, const char* prefix, const char* rest) {
    const auto address = parse_ip(v4);
    const auto group = [&](std::size_t at) {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string text;
        for (const std::size_t i : {at, at + 1}) {
            text.push_back(digits[address->bytes[i] >> 4]);
            text.push_back(digits[address->bytes[i] & 15]);
        }
        return text;
    };
    return cat(prefix, group(12), ':', group(14), rest);
}

TEST(IsPublic, JudgesAnIpv4AddressAlikeInEveryIpv6FormThatLeadsToIt) {
    for (const Case& c : cases) {
        if (!parse_ip(c.address) || !is_v4(*parse_ip(c.address))) {
            continue;
        }
        const std::string mapped = embedded(c.address, "::ffff:", "");
        const std::string translated = embedded(c.address, "64:ff9b::", "");
        const std::string tunnelled = embedded(c.address, "2002:", "::1");
        for (const std::string& text : {mapped, translated, tunnelled}) {
            const auto address = parse_ip(text);
            ASSERT_TRUE(address) << text;
            EXPECT_EQ(is_public(*address), c.is_public) << text;
        }
    }
}

TEST(IsPublic, LetsNoOtherFormThatHoldsAnIpv4AddressPass) {
    for (const Case& c : cases) {
        if (!parse_ip(c.address) || !is_v4(*parse_ip(c.address))) {
            continue;
        }
        const std::string compatible = embedded(c.address, "::", "");
        const std::string siit = embedded(c.address, "::ffff:0:", "");
        const std::string local_nat64 = embedded(c.address, "64:ff9b:1::", "");
        const std::string teredo = embedded(c.address, "2001:0:", "::");
        for (const std::string& text : {compatible, siit, local_nat64, teredo}) {
            const auto address = parse_ip(text);
            ASSERT_TRUE(address) << text;
            EXPECT_FALSE(is_public(*address)) << text;
        }
    }
}

TEST(ParseIp, RefusesWhatOnlySomeResolversTakeForAnAddress) {
    for (const char* text : {"", "127.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "2130706433",
                             "127.0.0.1.", " 127.0.0.1", "::1%lo", "[::1]", "1.2.3.256"}) {
        EXPECT_FALSE(parse_ip(text)) << text;
    }
}

TEST(ParseIp, RefusesAnAddressBeforeANulByte) {
    EXPECT_FALSE(parse_ip(std::string("1.2.3.4\0.evil.example", 21)));
    EXPECT_FALSE(parse_ip(std::string("::1\0", 4)));
}

TEST(ParseIp, WritesAddressesAsItReadsThem) {
    for (const char* text : {"192.0.2.1", "2001:db8::1", "::"}) {
        EXPECT_EQ(to_text(*parse_ip(text)), text);
    }
}

}  // namespace
}  // namespace souk::http_out
