#pragma once

#include <gtest/gtest.h>

#include <string>

#include "domain/base/text.h"
#include "domain/ports/http_client.h"

/// What every HttpClient promises. An adapter's tests give a `Home`, fresh for every test:
///
///     struct Home {
///         HttpClient& client();  // Lets itself be sent to `url()`.
///         HttpClient& wary();    // As a shop's is: calls nothing but the public Internet.
///         std::string url();     // Where somebody answers.
///         void answer(int status, std::string body);  // What one gets there from now on.
///         void redirect(std::string to);              // The same.
///         int calls();                                // That have arrived there.
///         void leave();                               // Nobody answers there any more.
///     };
namespace souk::contract {

template <class Home>
class HttpClientContract : public ::testing::Test {
protected:
    Result<IncomingAnswer> send(std::string url) {
        OutgoingRequest request;
        request.url = std::move(url);
        request.body = "{}";
        return home_.client().send(request);
    }
    /// "allowed", or the error's code; of sending to it the same.
    std::string checked(std::string_view url) {
        const auto allowed = home_.wary().check_url(url);
        return allowed ? "allowed" : std::string(allowed.error().code.name);
    }
    std::string sent(std::string url) {
        OutgoingRequest request;
        request.url = std::move(url);
        const auto answer = home_.wary().send(request);
        return answer ? cat(answer->status) : std::string(answer.error().code.name);
    }

    Home home_;
};

TYPED_TEST_SUITE_P(HttpClientContract);

TYPED_TEST_P(HttpClientContract, GivesWhateverStatusAndBodyCome) {
    for (const int status : {200, 204, 404, 500}) {
        this->home_.answer(status, status == 204 ? "" : cat("body of ", status));
        const auto answer = this->send(this->home_.url());
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->status, status);
        EXPECT_EQ(answer->body, status == 204 ? "" : cat("body of ", status));
    }
    EXPECT_EQ(this->home_.calls(), 4);
}

TYPED_TEST_P(HttpClientContract, FollowsNoRedirect) {
    this->home_.redirect(this->home_.url());
    const auto answer = this->send(this->home_.url());
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(this->home_.calls(), 1);
}

TYPED_TEST_P(HttpClientContract, KeepsTheBeginningOfALongBody) {
    for (const std::size_t more : {0, 1}) {
        this->home_.answer(200, std::string(IncomingAnswer::body_bytes_max + more, 'x'));
        const auto answer = this->send(this->home_.url());
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->body.size(), IncomingAnswer::body_bytes_max);
    }
}

TYPED_TEST_P(HttpClientContract, TellsThatNobodyAnswers) {
    const std::string url = this->home_.url();
    this->home_.leave();
    const auto answer = this->send(url);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errors::target_unreachable);
}

TYPED_TEST_P(HttpClientContract, RefusesWhatIsNoAddressOfTheWeb) {
    for (const char* url :
         {"", "shop.example", "ftp://shop.example/", "http://", "https:///path", "https://?q",
          "javascript:alert(1)", "https://ada:secret@shop.example/", "https://@shop.example/",
          "https://shop.example:0/", "https://shop.example:65536/", "https://shop.example:x/",
          "https://shop.example/a b", "https://shop.example/\r\nHost: evil", "https://[::1/"}) {
        EXPECT_EQ(this->checked(url), "target_refused") << url;
        EXPECT_EQ(this->sent(url), "target_refused") << url;
    }
}

TYPED_TEST_P(HttpClientContract, RefusesTheOwnMachine) {
    for (const char* url : {"http://localhost/", "https://LOCALHOST:8443/", "http://127.0.0.1:8080",
                            "http://[::1]:8080/"}) {
        EXPECT_EQ(this->checked(url), "target_refused") << url;
        EXPECT_EQ(this->sent(url), "target_refused") << url;
    }
}

TYPED_TEST_P(HttpClientContract, AllowsThePublicInternet) {
    for (const char* url :
         {"https://shop.example", "HTTPS://shop.example/", "http://hooks.shop.example/a?b=c@d",
          "https://shop.example:8443/a/b%20c", "https://shop.example/#fragment"}) {
        EXPECT_EQ(this->checked(url), "allowed") << url;
    }
}

REGISTER_TYPED_TEST_SUITE_P(HttpClientContract, GivesWhateverStatusAndBodyCome, FollowsNoRedirect,
                            KeepsTheBeginningOfALongBody, TellsThatNobodyAnswers,
                            RefusesWhatIsNoAddressOfTheWeb, RefusesTheOwnMachine,
                            AllowsThePublicInternet);

}  // namespace souk::contract
