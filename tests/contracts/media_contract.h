#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "adapters/memory/settable_clock.h"
#include "domain/base/text.h"
#include "domain/ports/media.h"

/// What every Media promises. An adapter's tests give a `Home`, fresh and empty for every test:
///
///     struct Home {
///         SettableClock& clock();
///         Media& media();
///         int upload(const UploadAddress&, std::string_view content_type, std::string_view bytes);
///         // A status.
///     };
namespace souk::contract {

inline constexpr std::string_view image_key =
    "store_01JB0000000000000000000001/med_01JB0000000000000000000002.png";
inline constexpr std::string_view private_key =
    "private/store_01JB0000000000000000000001/imp_01JB0000000000000000000003";

inline std::string png_of(std::size_t size) {
    std::string bytes = "\x89PNG\r\n\x1A\n";
    bytes.resize(size, 'x');
    return bytes;
}

class TextBody : public SpooledBody {
public:
    explicit TextBody(std::string text) : text_(std::move(text)) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece = text_.substr(at_, bytes_max);
        at_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return text_.size(); }
    void rewind() override { at_ = 0; }

private:
    std::string text_;
    std::size_t at_ = 0;
};

/// Gives some bytes, then fails: a client that went away.
class BrokenBody : public BodyReader {
public:
    Result<std::string> next(std::size_t) override {
        if (std::exchange(given_, true)) {
            return fail(errors::unavailable, "The client went away.");
        }
        return std::string("first piece");
    }
    std::uint64_t size() const override { return 1000; }

private:
    bool given_ = false;
};

template <class Home>
class MediaContract : public testing::Test {
protected:
    Media& media() { return home_.media(); }

    UploadAddress address(std::uint64_t size, std::string_view key = image_key) {
        auto made = media().upload_address(key, "image/png", size);
        EXPECT_TRUE(made) << (made ? "" : made.error().detail);
        return made ? *made : UploadAddress{};
    }
    void store(std::string_view key, std::string bytes) {
        TextBody body(std::move(bytes));
        const auto stored = media().store(key, body);
        ASSERT_TRUE(stored) << stored.error().detail;
    }
    /// All that `open` gives, or its error's name.
    std::string read(std::string_view key, std::uint64_t offset = 0) {
        auto reader = media().open(key, offset);
        if (!reader) {
            return cat("error: ", reader.error().code.name);
        }
        const std::uint64_t promised = (*reader)->size();
        std::string all;
        for (;;) {
            auto piece = (*reader)->next(1000);
            if (!piece || piece->empty()) {
                break;
            }
            all += *piece;
        }
        EXPECT_EQ(all.size(), promised);
        return all;
    }
    bool is_there(std::string_view key) {
        const auto found = media().find(key);
        EXPECT_TRUE(found);
        return found && found->has_value();
    }
    void expect_refused(std::string_view key, std::string_view type, std::uint64_t size) {
        const auto made = media().upload_address(key, type, size);
        ASSERT_FALSE(made) << key << " " << type << " " << size;
        EXPECT_EQ(made.error().code, errors::media_refused);
    }

    Home home_;
};

TYPED_TEST_SUITE_P(MediaContract);

TYPED_TEST_P(MediaContract, HasNothingBeforeTheUpload) {
    static_cast<void>(this->address(100));
    EXPECT_FALSE(this->is_there(image_key));
}

TYPED_TEST_P(MediaContract, KeepsWhatWasUploaded) {
    const std::string image = png_of(1000);
    const auto address = this->address(image.size());
    ASSERT_EQ(this->home_.upload(address, "image/png", image) / 100, 2);
    const auto found = this->media().find(image_key);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->size, image.size());
    EXPECT_EQ((*found)->content_type, "image/png");
    EXPECT_EQ(this->read(image_key), image);
}

TYPED_TEST_P(MediaContract, TellsTheBrowserWhatToSend) {
    const auto address = this->address(100);
    EXPECT_EQ(address.method, "PUT");
    ASSERT_FALSE(address.headers.empty());
    EXPECT_EQ(address.headers[0], std::pair(std::string("Content-Type"), std::string("image/png")));
    EXPECT_LE(address.expires, this->home_.clock().now() + upload_life);
}

// The bug: on S3 a second image took the place of one that had been approved.
TYPED_TEST_P(MediaContract, TakesNoSecondObject) {
    const auto address = this->address(1000);
    ASSERT_EQ(this->home_.upload(address, "image/png", png_of(1000)) / 100, 2);
    std::string other = png_of(1000);
    other.back() = 'y';
    EXPECT_EQ(this->home_.upload(address, "image/png", other) / 100, 4);
    EXPECT_EQ(this->read(image_key), png_of(1000));
}

TYPED_TEST_P(MediaContract, TakesNoOtherSize) {
    const auto address = this->address(1000);
    EXPECT_EQ(this->home_.upload(address, "image/png", png_of(999)) / 100, 4);
    EXPECT_EQ(this->home_.upload(address, "image/png", png_of(1001)) / 100, 4);
    EXPECT_FALSE(this->is_there(image_key));
}

TYPED_TEST_P(MediaContract, TakesNoOtherType) {
    const auto address = this->address(1000);
    EXPECT_EQ(this->home_.upload(address, "image/gif", png_of(1000)) / 100, 4);
    EXPECT_FALSE(this->is_there(image_key));
}

TYPED_TEST_P(MediaContract, TakesNothingThroughAnAlteredAddress) {
    auto address = this->address(1000);
    address.url.replace(address.url.find("00002.png"), 9, "00009.png");
    EXPECT_EQ(this->home_.upload(address, "image/png", png_of(1000)) / 100, 4);
    EXPECT_FALSE(
        this->is_there("store_01JB0000000000000000000001/med_01JB0000000000000000000009.png"));
    EXPECT_FALSE(this->is_there(image_key));
}

TYPED_TEST_P(MediaContract, TakesNothingAfterTheAddressHasExpired) {
    const auto address = this->address(1000);
    this->home_.clock().set(address.expires);
    EXPECT_EQ(this->home_.upload(address, "image/png", png_of(1000)) / 100, 4);
    EXPECT_FALSE(this->is_there(image_key));
}

TYPED_TEST_P(MediaContract, MakesAddressesForImagesOnly) {
    for (const auto type :
         {"image/svg+xml", "text/html", "text/csv", "", "IMAGE/PNG", "image/png; a=b"}) {
        this->expect_refused(image_key, type, 100);
    }
}

TYPED_TEST_P(MediaContract, MakesAddressesForSizesWithinTheLimit) {
    static_cast<void>(this->address(media_bytes_max));
    this->expect_refused(image_key, "image/png", media_bytes_max + 1);
    this->expect_refused(image_key, "image/png", 0);
}

TYPED_TEST_P(MediaContract, MakesNoAddressForAKeyThatIsNotOurs) {
    for (const auto key :
         {"", "/etc/passwd", "../secret", "store_1/../../etc/passwd", "store_1/", "store_1//med_1",
          "store_1/med 1", "store_1/.hidden", "store_1/med_1\n"}) {
        this->expect_refused(key, "image/png", 100);
    }
    this->expect_refused(private_key, "image/png", 100);
}

TYPED_TEST_P(MediaContract, NamesThePublicAddressByTheKey) {
    EXPECT_TRUE(this->media().public_url(image_key).ends_with(image_key));
}

TYPED_TEST_P(MediaContract, StoresAndReadsAPrivateBody) {
    std::string body;
    for (int i = 0; body.size() < 1'000'000; ++i) {
        body += cat("line ", i, "\n");
    }
    this->store(private_key, body);
    EXPECT_TRUE(this->is_there(private_key));
    EXPECT_EQ(this->read(private_key), body);
}

TYPED_TEST_P(MediaContract, ReadsFromAnOffset) {
    this->store(private_key, "0123456789");
    EXPECT_EQ(this->read(private_key, 4), "456789");
    EXPECT_EQ(this->read(private_key, 10), "");
    EXPECT_EQ(this->read(private_key, 11), "");
}

TYPED_TEST_P(MediaContract, KeepsAnEmptyBody) {
    this->store(private_key, "");
    EXPECT_TRUE(this->is_there(private_key));
    EXPECT_EQ(this->read(private_key), "");
}

TYPED_TEST_P(MediaContract, ReplacesWhatIsStoredAgain) {
    this->store(private_key, "first, and longer");
    this->store(private_key, "second");
    EXPECT_EQ(this->read(private_key), "second");
}

TYPED_TEST_P(MediaContract, KeepsNothingOfABodyThatBroke) {
    BrokenBody body;
    EXPECT_FALSE(this->media().store(private_key, body));
    EXPECT_FALSE(this->is_there(private_key));
}

TYPED_TEST_P(MediaContract, StoresNothingUnderAKeyThatIsNotOurs) {
    for (const auto key : {"", "../secret", "private/../../secret", "/private/a", "private//a"}) {
        TextBody body("text");
        EXPECT_FALSE(this->media().store(key, body)) << key;
    }
}

TYPED_TEST_P(MediaContract, SaysThatAnObjectIsUnknown) {
    EXPECT_EQ(this->read(private_key), "error: unknown_object");
    EXPECT_EQ(this->read("../../etc/passwd"), "error: unknown_object");
}

TYPED_TEST_P(MediaContract, ErasesAnObject) {
    this->store(private_key, "text");
    ASSERT_TRUE(this->media().erase(private_key));
    EXPECT_FALSE(this->is_there(private_key));
    EXPECT_EQ(this->read(private_key), "error: unknown_object");
}

TYPED_TEST_P(MediaContract, ErasesWhatIsNotThere) { EXPECT_TRUE(this->media().erase(private_key)); }

TYPED_TEST_P(MediaContract, ReadsOnWhatIsErasedMeanwhile) {
    this->store(private_key, "0123456789");
    auto reader = this->media().open(private_key, 0);
    ASSERT_TRUE(reader);
    ASSERT_TRUE(this->media().erase(private_key));
    EXPECT_EQ((*reader)->next(100).value_or("error"), "0123456789");
}

REGISTER_TYPED_TEST_SUITE_P(MediaContract, HasNothingBeforeTheUpload, KeepsWhatWasUploaded,
                            TellsTheBrowserWhatToSend, TakesNoSecondObject, TakesNoOtherSize,
                            TakesNoOtherType, TakesNothingThroughAnAlteredAddress,
                            TakesNothingAfterTheAddressHasExpired, MakesAddressesForImagesOnly,
                            MakesAddressesForSizesWithinTheLimit,
                            MakesNoAddressForAKeyThatIsNotOurs, NamesThePublicAddressByTheKey,
                            StoresAndReadsAPrivateBody, ReadsFromAnOffset, KeepsAnEmptyBody,
                            ReplacesWhatIsStoredAgain, KeepsNothingOfABodyThatBroke,
                            StoresNothingUnderAKeyThatIsNotOurs, SaysThatAnObjectIsUnknown,
                            ErasesAnObject, ErasesWhatIsNotThere, ReadsOnWhatIsErasedMeanwhile);

}  // namespace souk::contract
