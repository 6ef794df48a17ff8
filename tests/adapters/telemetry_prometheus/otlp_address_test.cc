#include <gtest/gtest.h>

#include "adapters/telemetry_prometheus/otlp_client.h"
#include "domain/base/text.h"

namespace souk {
namespace {

std::string read(std::string_view url) {
    const auto address = parse_otlp_address(url);
    return address ? cat(address->scheme == OtlpAddress::Scheme::https ? "https " : "http ",
                         address->host, " ", address->port, " ", address->path)
                   : "none";
}

TEST(OtlpAddress, IsReadFromABaseOrAWholeUrl) {
    EXPECT_EQ(read("http://collector:4318"), "http collector 4318 /v1/traces");
    EXPECT_EQ(read("http://collector:4318/"), "http collector 4318 /v1/traces");
    EXPECT_EQ(read("https://otlp.example"), "https otlp.example 443 /v1/traces");
    EXPECT_EQ(read("http://otlp.example/base"), "http otlp.example 80 /base/v1/traces");
    EXPECT_EQ(read("https://otlp.example/v1/traces"), "https otlp.example 443 /v1/traces");
    EXPECT_EQ(read("http://[::1]:4318"), "http ::1 4318 /v1/traces");
}

TEST(OtlpAddress, IsNothingElse) {
    for (const auto url :
         {"", "collector:4318", "grpc://collector", "http://", "http://:80", "http://host:0",
          "http://host:99999", "http://host:port", "http://user@host", "http://host/?a=b",
          "http://host /x", "http://host\r\nX: y"}) {
        EXPECT_EQ(read(url), "none") << url;
    }
}

}  // namespace
}  // namespace souk
