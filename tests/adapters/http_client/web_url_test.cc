#include "adapters/http_client/web_url.h"

#include <gtest/gtest.h>

#include "domain/ports/http_client.h"

namespace souk::http_out {
namespace {

TEST(ParseWebUrl, ReadsTheParts) {
    const auto url = parse_web_url("HTTPS://Shop.Example:8443/a/b?c=d#e");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, WebUrl::Scheme::https);
    EXPECT_EQ(url->host, "shop.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/a/b?c=d");
    EXPECT_EQ(url->authority(), "shop.example:8443");
}

TEST(ParseWebUrl, FillsWhatIsLeftOut) {
    EXPECT_EQ(parse_web_url("https://a.example")->port, 443);
    EXPECT_EQ(parse_web_url("http://a.example")->port, 80);
    EXPECT_EQ(parse_web_url("http://a.example")->target, "/");
    EXPECT_EQ(parse_web_url("http://a.example?b")->target, "/?b");
    EXPECT_EQ(parse_web_url("http://a.example.")->host, "a.example");
    EXPECT_EQ(parse_web_url("http://[2606:4700::1]:81/")->authority(), "[2606:4700::1]:81");
}

TEST(ParseWebUrl, RefusesWhatIsNoWebUrl) {
    for (const char* text : {"",
                             "a.example",
                             "//a.example/",
                             "ftp://a.example/",
                             "file:///etc/passwd",
                             "gopher://a.example/",
                             "https://",
                             "https:///a",
                             "https://user@a.example/",
                             "https://user:secret@a.example/",
                             "https://a.example@127.0.0.1/",
                             "https://a.example:/",
                             "https://a.example:0/",
                             "https://a.example:65536/",
                             "https://a.example:1a/",
                             "https://a.example:-1/",
                             "https://a..example/",
                             "https://.example/",
                             "https://a b.example/",
                             "https://a.example/\r\nX: y",
                             "https://a.example\\@127.0.0.1/",
                             "https://\xc3\xa4.example/",
                             "https://a%2eexample/",
                             "https://[::1/",
                             "https://[::1]x/",
                             "https://[127.0.0.1]/",
                             "https://[fe80::1%25eth0]/",
                             "https://a.example,b.example/"}) {
        const auto url = parse_web_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, errors::target_refused) << text;
    }
    EXPECT_FALSE(parse_web_url("https://a.example/" + std::string(2048, 'x')));
}

TEST(ParseWebUrl, RefusesNumbersThatHideAnAddress) {
    for (const char* text :
         {"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://017700000001/",
          "http://127.1/", "http://127.0.0.01/", "http://0177.0.0.1/", "http://1.2.3.4.5/",
          "http://a.example.1/", "http://256.1.1.1/", "http://a.0x/", "http://0X7F.0.0.1/"}) {
        EXPECT_FALSE(parse_web_url(text)) << text;
    }
}

bool may_call(const char* text, TargetPolicy policy) {
    const auto url = parse_web_url(text);
    return url && check_target(*url, policy);
}

TEST(CheckTarget, LetsPublicTargetsPass) {
    for (const char* text : {"https://a.example/", "http://a.example/hook", "https://1.1.1.1/",
                             "https://a.example:8443/", "https://a.example:1024/",
                             "https://[2606:4700:4700::1111]/", "http://a.example:443/"}) {
        EXPECT_TRUE(may_call(text, TargetPolicy::public_only)) << text;
    }
}

TEST(CheckTarget, RefusesTheOwnNetworkAndOddPorts) {
    for (const char* text : {"http://127.0.0.1/",
                             "http://127.0.0.1./",
                             "http://localhost/",
                             "http://LOCALHOST./",
                             "http://a.localhost/",
                             "http://printer.local/",
                             "http://metadata.google.internal/",
                             "http://router.lan/",
                             "http://nas.home.arpa/",
                             "http://intranet/",
                             "http://10.0.0.1/",
                             "http://169.254.169.254/latest/meta-data/",
                             "http://[::1]/",
                             "http://[::ffff:127.0.0.1]/",
                             "http://[64:ff9b::7f00:1]/",
                             "http://[2002:7f00:1::]/",
                             "http://[fd00::1]/",
                             "http://0.0.0.0/",
                             "http://a.example:22/",
                             "http://a.example:25/",
                             "http://a.example:1023/"}) {
        EXPECT_FALSE(may_call(text, TargetPolicy::public_only)) << text;
        EXPECT_TRUE(may_call(text, TargetPolicy::any)) << text;
    }
}

}  // namespace
}  // namespace souk::http_out
