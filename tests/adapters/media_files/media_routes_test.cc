#include <thread>

#include "adapters/media_files/file_media_home.h"

namespace souk::contract {

using namespace std::string_literals;

class MediaRoutes : public testing::Test {
protected:
    UploadAddress address(std::uint64_t size, std::string_view type = "image/png") {
        return home.files.upload_address(image_key, type, size).value_or(UploadAddress{});
    }
    std::string put(std::string_view url, std::string_view type, std::string_view bytes) {
        const auto answer = home.put(url, type, bytes);
        return answer ? cat(answer->status) : std::string(answer.error().code.name);
    }
    static std::string with(std::string url, std::string_view from, std::string_view to) {
        EXPECT_NE(url.find(from), std::string::npos) << url;
        return url.replace(url.find(from), from.size(), to);
    }
    bool is_there() { return home.files.find(image_key)->has_value(); }
    static std::string header(const Response& response, std::string_view name) {
        for (const auto& [own, value] : response.headers) {
            if (own == name) {
                return value;
            }
        }
        return "";
    }
    static std::string all_of(const Response& response) {
        std::string all(response.text());
        while (response.stream) {
            const auto piece = response.stream();
            if (!piece || piece->empty()) {
                break;
            }
            all += *piece;
        }
        return all;
    }
    void given_image(const std::string& bytes) {
        ASSERT_EQ(put(address(bytes.size()).url, "image/png", bytes), "204");
    }

    FileMediaHome home;
    const std::string image = png_of(1000);
};

TEST_F(MediaRoutes, AnnounceWhatTheyAccept) {
    const Route& upload = home.routes.at(0);
    EXPECT_TRUE(upload.audiences.anyone);
    EXPECT_TRUE(upload.spool);
    EXPECT_EQ(upload.body_max, media_bytes_max);
    EXPECT_EQ(upload.pattern, "/media/{store}/{object}");
    EXPECT_EQ(home.routes.at(1).method, Method::get);
}

TEST_F(MediaRoutes, TakeAContentTypeWithParametersInAnyCase) {
    EXPECT_EQ(put(address(1000).url, "Image/PNG; charset=binary", image), "204");
}

TEST_F(MediaRoutes, RefuseAForgedSignature) {
    const std::string url = address(1000).url;
    for (const auto& forged :
         {with(url, "size=1000", "size=1001"), with(url, "type=image%2Fpng", "type=image%2Fgif"),
          with(url, "expires=", "expires=1"), with(url, "signature=", "signature=A"),
          url.substr(0, url.find("signature=") + 10), url.substr(0, url.find('?'))}) {
        EXPECT_EQ(put(forged, "image/png", image), "forbidden") << forged;
    }
    EXPECT_EQ(home.files_on_disk(), 0U);
}

TEST_F(MediaRoutes, RefuseAnAddressOfAnotherInstallation) {
    Environment other = home.test.environment();
    other.secret = std::string(32, 'x');
    FileMedia elsewhere({home.folder.path() / "elsewhere", "https://shop.example"}, other);
    const auto foreign = elsewhere.upload_address(image_key, "image/png", 1000);
    EXPECT_EQ(put(foreign->url, "image/png", image), "forbidden");
}

TEST_F(MediaRoutes, RefuseAnExpiredAddress) {
    const auto made = address(1000);
    home.clock().set(made.expires - std::chrono::milliseconds(1));
    EXPECT_EQ(put(with(made.url, "size=1000", "size=999"), "image/png", image), "forbidden");
    home.clock().set(made.expires);
    EXPECT_EQ(put(made.url, "image/png", image), "forbidden");
    home.clock().set(made.expires - std::chrono::milliseconds(1));
    EXPECT_EQ(put(made.url, "image/png", image), "204");
}

// Strangers could have 20 MiB a request stored before the address was looked at.
TEST_F(MediaRoutes, JudgeAnUploadByItsHead) {
    const auto judged = [&](std::string_view url, std::string_view type, std::string length) {
        Request head = FileMediaHome::request_to(url);
        head.headers = {{"content-type", std::string(type)}};
        if (!length.empty()) {
            head.headers.emplace_back("content-length", std::move(length));
        }
        const auto verdict = home.routes.at(0).judge(home.caller, head);
        return verdict ? std::string("let in") : std::string(verdict.error().code.name);
    };
    const auto made = address(1000);
    EXPECT_EQ(judged(made.url, "image/png", "1000"), "let in");
    EXPECT_EQ(judged(made.url, "image/png", ""), "let in");  // In chunks.
    EXPECT_EQ(judged(made.url, "image/png", "1001"), "media_refused");
    EXPECT_EQ(judged(made.url, "image/gif", "1000"), "unsupported_media_type");
    EXPECT_EQ(judged(with(made.url, "size=1000", "size=1001"), "image/png", "1001"), "forbidden");
    EXPECT_EQ(judged(made.url.substr(0, made.url.find('?')), "image/png", "1000"), "forbidden");
    home.clock().set(made.expires);
    EXPECT_EQ(judged(made.url, "image/png", "1000"), "forbidden");
    EXPECT_FALSE(is_there());
    EXPECT_EQ(home.files_on_disk(), 0U);
}

TEST_F(MediaRoutes, RefuseBytesThatAreNoImageOfTheType) {
    const std::string page = cat("<html><script>alert(1)</script>", std::string(969, ' '));
    EXPECT_EQ(put(address(1000).url, "image/png", page), "media_refused");
    EXPECT_EQ(put(address(1000, "image/gif").url, "image/gif", image), "media_refused");
    EXPECT_FALSE(is_there());
    EXPECT_EQ(home.files_on_disk(), 0U);
}

TEST_F(MediaRoutes, RefuseABodyThatEndsEarly) {
    class ShortBody : public TextBody {
    public:
        using TextBody::TextBody;
        std::uint64_t size() const override { return 1000; }
    };
    Request request = FileMediaHome::request_to(address(1000).url);
    request.headers = {{"content-type", "image/png"}};
    request.spooled = std::make_shared<ShortBody>(png_of(500));
    const auto answer = home.routes.at(0).handle(home.caller, request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errors::media_refused);
    EXPECT_EQ(home.files_on_disk(), 0U);
}

TEST_F(MediaRoutes, TakeABodyThatTheServerKeptInMemory) {
    Request request = FileMediaHome::request_to(address(1000).url);
    request.headers = {{"content-type", "image/png"}};
    request.body = image;
    ASSERT_TRUE(home.routes.at(0).handle(home.caller, request));
    EXPECT_TRUE(is_there());
}

TEST_F(MediaRoutes, TakeTheSameFileAgainButNoOther) {
    const auto made = address(1000);
    ASSERT_EQ(put(made.url, "image/png", image), "204");
    EXPECT_EQ(put(made.url, "image/png", image), "204");
    std::string other = image;
    other.back() = 'y';
    EXPECT_EQ(put(made.url, "image/png", other), "object_exists");
    EXPECT_EQ(all_of(*home.fetch(home.files.public_url(image_key))), image);
    EXPECT_EQ(home.files_on_disk(), 1U);
}

TEST_F(MediaRoutes, KeepOneOfTwoUploadsThatRace) {
    const auto made = address(1000);
    std::string other = image;
    other.back() = 'y';
    std::string one_answer;
    std::string other_answer;
    {
        std::jthread first([&] { one_answer = put(made.url, "image/png", image); });
        std::jthread second([&] { other_answer = put(made.url, "image/png", other); });
    }
    EXPECT_NE(one_answer == "204", other_answer == "204");
    EXPECT_EQ(all_of(*home.fetch(home.files.public_url(image_key))),
              one_answer == "204" ? image : other);
}

TEST_F(MediaRoutes, ServeAnImageForGood) {
    given_image(image);
    const auto answer = home.fetch(home.files.public_url(image_key));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->content_type, "image/png");
    EXPECT_EQ(header(*answer, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(*answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(all_of(*answer), image);
}

TEST_F(MediaRoutes, StreamALargeImage) {
    const std::string large = png_of(3'000'000);
    given_image(large);
    const auto answer = home.fetch(home.files.public_url(image_key));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->stream);
    EXPECT_EQ(all_of(*answer), large);
}

TEST_F(MediaRoutes, SaveABrowserWhatItAlreadyHas) {
    given_image(image);
    const std::string url = home.files.public_url(image_key);
    const std::string tag = header(*home.fetch(url), "ETag");
    EXPECT_TRUE(tag.size() > 2 && tag.front() == '"' && tag.back() == '"');
    const auto answer = home.fetch(url, tag);
    EXPECT_EQ(answer->status, 304);
    EXPECT_EQ(all_of(*answer), "");
    EXPECT_EQ(home.fetch(url, "\"other\"")->status, 200);
}

TEST_F(MediaRoutes, KnowNoImageThatIsNotThere) {
    EXPECT_EQ(home.fetch(home.files.public_url(image_key)).error().code, errors::unknown_object);
}

TEST_F(MediaRoutes, NeverServeWhatIsPrivateOrNoImage) {
    TextBody csv("Handle,Title\n");
    ASSERT_TRUE(home.files.store("private/list.csv", csv));
    TextBody picture(image);
    ASSERT_TRUE(home.files.store("private/med_1.png", picture));
    TextBody page("<html>");
    ASSERT_TRUE(home.files.store(image_key, page));
    for (const auto& key : {"private/list.csv"s, "private/med_1.png"s, std::string(image_key),
                            "..%2F/etc"s, "store_01JB0000000000000000000001/..%2F..%2Fsecret"s}) {
        EXPECT_EQ(home.fetch(cat("https://shop.example/media/", key)).error().code,
                  errors::unknown_object)
            << key;
    }
}

}  // namespace souk::contract
