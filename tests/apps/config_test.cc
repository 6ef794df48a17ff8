#include "apps/souk/config.h"

#include <gtest/gtest.h>

#include <set>

#include "domain/base/text.h"

namespace souk::app {
namespace {

using Names = std::set<std::string>;
using Variables = std::map<std::string, std::string>;

std::vector<FieldError> mistakes_of(std::string_view toml, const Variables& environment = {},
                                    Purpose purpose = Purpose::serving) {
    const auto config = load_config(toml, "souk.toml", environment, purpose);
    return config ? std::vector<FieldError>() : config.error().fields;
}

/// The settings that are told to be wrong.
Names wrong(std::string_view toml, const Variables& environment = {}) {
    Names names;
    for (const auto& mistake : mistakes_of(toml, environment)) {
        names.insert(mistake.pointer);
    }
    return names;
}

Names wrong_mail(std::string_view settings) {
    return wrong(
        cat("[mail]\nhost = \"smtp.shop.example\"\nfrom = \"a@shop.example\"\n", settings));
}

// "bad.toml: foo: bad.toml: foo: there is no such setting."
TEST(Config, NamesThePlaceOfAMistakeOnce) {
    const auto mistakes = mistakes_of("foo = 1\n[http]\nport = \"x\"\naddress = \"everywhere\"\n",
                                      {{"SOUK_FOO", "1"}});
    ASSERT_EQ(mistakes.size(), 4U);
    for (const auto& mistake : mistakes) {
        EXPECT_FALSE(mistake.pointer.empty());
        EXPECT_FALSE(mistake.detail.contains(mistake.pointer)) << mistake.detail;
        EXPECT_FALSE(mistake.detail.contains("souk.toml")) << mistake.detail;
    }
    EXPECT_EQ(wrong("foo = 1\n"), Names{"souk.toml: foo"});
    EXPECT_EQ(wrong("[http]\nport = = 1\n"), Names{"souk.toml, line 2"});
}

// Mails went out as from souk@localhost.localdomain, and were refused one by one.
TEST(Config, RefusesAMailServerWithoutASender) {
    EXPECT_EQ(wrong("[mail]\nhost = \"smtp.shop.example\"\n"), Names{"mail.from"});
    EXPECT_EQ(wrong("", {{"SOUK_MAIL_HOST", "127.0.0.1"}}), Names{"mail.from"});
    EXPECT_EQ(wrong("", {{"SOUK_MAIL_HOST", "::1"}, {"SOUK_MAIL_FROM", "a@b.example"}}), Names{});
    EXPECT_EQ(wrong_mail(""), Names{});
    EXPECT_EQ(wrong(""), Names{});  // Mails become files.
}

// They were taken, and had no effect.
TEST(Config, RefusesAFilesSettingsThatItsHomeDoesNotHave) {
    const std::string file =
        "home = \"aws\"\n[http]\nport = 80\n[orders]\npayment_deadline_s = 60\n"
        "[cache]\npages_mib = 1\n[webhooks]\nallow_private = true\n";
    const Names said{"souk.toml: orders.payment_deadline_s", "souk.toml: cache.pages_mib",
                     "souk.toml: webhooks.allow_private"};
    EXPECT_EQ(wrong(file), said);
    EXPECT_EQ(wrong(file.substr(file.find('\n')), {{"SOUK_HOME", "aws"}}), said);
    EXPECT_EQ(wrong(file, {{"SOUK_HOME", "embedded"}}), Names{});
    EXPECT_EQ(wrong("home = \"aws\"\n", {{"SOUK_ORDERS_PAYMENT_DEADLINE_S", "60"}}), Names{});
}

// The password went over the wire for all to read.
TEST(Config, RefusesAMailPasswordThatIsNotEncrypted) {
    const std::string both = "username = \"shop\"\npassword = \"secret\"\n";
    EXPECT_EQ(wrong_mail(both + "encryption = \"none\"\n"), Names{"mail.encryption"});
    EXPECT_EQ(wrong_mail(both + "encryption = \"implicit\"\n"), Names{});
    EXPECT_EQ(wrong_mail(both), Names{});
    EXPECT_EQ(wrong_mail("encryption = \"none\"\n"), Names{});
}

TEST(Config, RefusesAMailPasswordWithoutItsUserAndTheOtherWayAround) {
    const Names both{"mail.username and mail.password"};
    EXPECT_EQ(wrong_mail("username = \"shop\"\n"), both);
    EXPECT_EQ(wrong_mail("password = \"secret\"\n"), both);
}

/// The password is best in the environment of the service alone, where a nightly backup has it not.
TEST(Config, LetsCommandsDoWithoutTheMailPassword) {
    const std::string_view mail = "[mail]\nhost = \"smtp.shop.example\"\nusername = \"shop\"\n";
    EXPECT_TRUE(mistakes_of(mail, {}, Purpose::command).empty());
    EXPECT_EQ(mistakes_of(mail, {}, Purpose::serving).size(), 2U);
}

// They were told by the adapters, one by one, as /mail/host and /telemetry/otlp_endpoint.
TEST(Config, TellsAllMistakesOfMailAndTracesUnderTheirSettingsNames) {
    EXPECT_EQ(wrong("[mail]\nhost = \"smtp shop\"\nfrom = \"me\"\n"
                    "[trace]\notlp_endpoint = \"collector:4318\"\n"),
              (Names{"mail.host", "mail.from", "trace.otlp_endpoint"}));
    for (const char* endpoint : {"http://collector:4318", "https://[::1]:4318/v1/traces", ""}) {
        EXPECT_EQ(wrong("", {{"SOUK_TRACE_OTLP_ENDPOINT", endpoint}}), Names{}) << endpoint;
    }
    for (const char* endpoint : {"http://", "ftp://collector", "http://collector:x"}) {
        EXPECT_EQ(wrong("", {{"SOUK_TRACE_OTLP_ENDPOINT", endpoint}}), Names{"trace.otlp_endpoint"})
            << endpoint;
    }
}

TEST(Config, TakesAMailHostThatIsANameOrAnAddress) {
    const auto of_host = [](std::string_view host) {
        return wrong("",
                     {{"SOUK_MAIL_HOST", std::string(host)}, {"SOUK_MAIL_FROM", "a@b.example"}});
    };
    for (const char* host :
         {"localhost", "smtp-1.shop.example.", "mail_relay", "192.0.2.1", "::1"}) {
        EXPECT_EQ(of_host(host), Names{}) << host;
    }
    for (const char* host :
         {"smtp://shop.example", "shop.example:587", "[::1]", "a..b", ".shop.example", "a b"}) {
        EXPECT_EQ(of_host(host), Names{"mail.host"}) << host;
    }
}

// Only single addresses were taken; load balancers and containers have whole networks.
TEST(Config, TakesRangesOfTrustedProxies) {
    const auto of_proxies = [](std::string_view proxies) {
        return wrong("", {{"SOUK_HTTP_TRUSTED_PROXIES", std::string(proxies)}});
    };
    EXPECT_EQ(of_proxies("10.0.0.0/8, fd00::/8,127.0.0.1, ::1"), Names{});
    EXPECT_EQ(of_proxies("10.0.0.1/8"), Names{"http.trusted_proxies"});
    EXPECT_EQ(of_proxies("10.0.0.0/33"), Names{"http.trusted_proxies"});
    EXPECT_EQ(mistakes_of("", {{"SOUK_HTTP_TRUSTED_PROXIES", "proxy/8,lb,10.0.0.0/8"}}).size(), 2U);
}

TEST(Config, RefusesToLogRequestsThatItsLevelLeavesOut) {
    const auto at_level = [](std::string_view level) {
        return wrong(cat("[log]\nrequests = true\nlevel = \"", level, "\"\n"));
    };
    EXPECT_EQ(at_level("notice"), Names{});
    EXPECT_EQ(at_level("debug"), Names{});
    EXPECT_EQ(at_level("warning"), Names{"log.requests"});
    EXPECT_EQ(wrong("[log]\nlevel = \"error\"\n"), Names{});
    EXPECT_FALSE(load_config("", "", {}, Purpose::command)->log_requests);
}

}  // namespace
}  // namespace souk::app
