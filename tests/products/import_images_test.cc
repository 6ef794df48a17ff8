#include "products/import_shop.h"

/// Where an import puts the images of a product.
namespace souk::products {

class ImportImages : public ImportProducts {
protected:
    static constexpr const char* columns =
        "Handle,Title,Variant Price,Image Src,Image Position,Image Alt Text\n";

    /// One row: an image of this name, with this position and alt text.
    static std::string image(std::string_view name, std::string_view position,
                             std::string_view alt = "") {
        return cat("p,,,https://x.example/", name, ",", position, ",", alt, "\n");
    }
    static std::string file(const std::string& images) {
        return cat(columns, "p,P,1,,,\n", images);
    }
    /// Rows of another product, between those of this one.
    static std::string meanwhile(std::string_view handle) { return cat(handle, ",Q,1,,,\n"); }

    /// The names of the images in their order.
    std::string order() {
        std::string all;
        const Answer answer = get(staff(), "p");
        for (std::size_t i = 0; i < answer.json()["media"].size(); ++i) {
            const std::string url = answer.json()["media"].at(i)["url"].text_or();
            all += cat(all.empty() ? "" : " ", url.substr(url.rfind('/') + 1));
        }
        return all;
    }
    std::string alt_of_first() { return get(staff(), "p").json()["media"].at(0)["alt"].text_or(); }
    /// The import of these images, and that it changes nothing another time.
    void takes(const std::string& csv, std::string_view expected) {
        const Import first = run(csv);
        EXPECT_EQ(errors_of(first), "");
        EXPECT_EQ(order(), expected);
        const std::string before = catalogue();
        const Import again = run(csv);
        EXPECT_EQ(again.products_updated, 0);
        EXPECT_TRUE(catalogue() == before) << order();
    }
    /// The address of an image that is uploaded, and put before those that the product has.
    std::string upload_in_front() {
        const Answer upload =
            call(staff(), "request_upload", {}, R"({"content_type":"image/png","size":3})");
        EXPECT_EQ(upload.status, 201) << upload.pointers();
        UploadAddress address{upload.json()["upload"]["url"].text_or(), "PUT", {}, {}};
        EXPECT_LT(media.upload(address, "image/png", "png"), 300);
        std::string all = cat(R"({"id":")", upload.json()["id"].text_or(), "\"}");
        const Answer product = get(staff(), "p");
        for (std::size_t i = 0; i < product.json()["media"].size(); ++i) {
            all += cat(",", product.json()["media"].at(i).render());
        }
        const Answer changed =
            call(staff(), "change_product", {{"product", "p"}}, cat(R"({"media":[)", all, "]}"));
        EXPECT_EQ(changed.status, 200) << changed.pointers();
        return changed.json()["media"].at(0)["url"].text_or();
    }
};

// Known images kept their place, whatever the file said.
TEST_F(ImportImages, AreReorderedByTheirPositionsAlsoWhenTheProductHasThem) {
    takes(file(image("1", "1") + image("2", "2")), "1 2");
    takes(file(image("1", "2") + image("2", "1")), "2 1");
    EXPECT_EQ(counts(run(file(image("1", "1") + image("2", "2")))), "0/1/0/0");
    EXPECT_EQ(order(), "1 2");
}

TEST_F(ImportImages, OfTheFileStandBeforeOthersThatTheProductHas) {
    takes(file(image("1", "1") + image("2", "2") + image("3", "3")), "1 2 3");
    takes(file(image("1", "2") + image("2", "1")), "2 1 3");
    takes(file(image("3", "1") + image("1", "2")), "3 1 2");
    takes(file(image("2", "1")), "2 3 1");
    takes(file(image("new", "1") + image("1", "3")), "new 2 1 3");
}

TEST_F(ImportImages, WithoutPositionsKeepTheirPlaceAndNewOnesComeLast) {
    takes(file(image("1", "1") + image("2", "2")), "1 2");
    takes(file(image("new", "") + image("2", "") + image("1", "first")), "1 2 new");
}

TEST_F(ImportImages, ThatClaimOnePlaceStandAsTheirRows) {
    takes(file(image("1", "1") + image("2", "1") + image("3", "1") + image("4", "2")), "1 2 3 4");
    takes(file(image("4", "-3") + image("3", "0") + image("2", "99999999999999999")), "4 3 1 2");
}

TEST_F(ImportImages, MayLeaveGapsBetweenTheirPositions) {
    takes(file(image("1", "10") + image("2", "20") + image("3", "30")), "1 2 3");
    takes(file(image("1", "30") + image("2", "20") + image("3", "10")), "3 2 1");
}

// A later row's position moved what an earlier one had placed, and the other way round the next
// time.
TEST_F(ImportImages, OfRowsThatStandApartEndWhereTheFileSays) {
    std::string places = "1234";
    run(file(image("1", "1") + image("2", "2") + image("3", "3") + image("4", "4")));
    while (std::ranges::next_permutation(places).found) {
        std::string csv = columns;
        std::string expected = "x x x x";
        for (std::size_t i = 0; i < places.size(); ++i) {
            const std::string name(1, static_cast<char>('1' + i));
            csv += cat(i == 0 ? "p,P,1,,,\n" : "", image(name, places.substr(i, 1)),
                       meanwhile(cat("q", i)));
            expected[static_cast<std::size_t>(places[i] - '1') * 2] = name[0];
        }
        takes(csv, expected);
    }
}

TEST_F(ImportImages, OfRowsThatStandApartChangeNothingTwiceWhateverTheirPositions) {
    const std::vector<std::string> positions{"", "1", "2", "5"};
    for (std::size_t i = 0; i < 256; ++i) {
        const auto at = [&](std::size_t digit) { return positions[(i >> (2 * digit)) % 4]; };
        const std::string csv = file(cat(image("a", at(0)), image("b", at(1)), meanwhile("q"),
                                         image("c", at(2)), meanwhile("r"), image("d", at(3))));
        run(csv);
        const std::string before = catalogue();
        run(csv);
        EXPECT_TRUE(catalogue() == before) << csv;
    }
}

TEST_F(ImportImages, OfRowsInSeveralSlicesEndWhereTheFileSays) {
    run(file(image("1", "1") + image("2", "2") + image("3", "3")));
    std::string csv = file(image("3", "1") + image("1", "3"));
    for (std::size_t i = 0; i < import_slice_products; ++i) {
        csv += meanwhile(cat("q", i));
    }
    csv += image("2", "2");
    call(staff(), "start_import", {}, csv);
    work_off(2);
    EXPECT_EQ(order(), "3 2 1");
    call(staff(), "start_import", {}, csv);
    work_off(2);
    EXPECT_EQ(the_import().products_updated, 0);
    EXPECT_EQ(order(), "3 2 1");
}

// It took the row that has the image as a variant's for all that the file says of it.
TEST_F(ImportImages, OfVariantsStandWhereTheirOwnRowsSay) {
    takes(
        "Handle,Title,Variant Price,Image Src,Image Position,Variant Image,Image Alt Text\n"
        "p,P,1,https://x.example/1,1,https://x.example/2,\n"
        "p,,,https://x.example/2,2,,two\n"
        "p,,,https://x.example/3,3,,\n",
        "1 2 3");
    EXPECT_EQ(get(staff(), "p").json()["media"].at(1)["alt"].text_or(), "two");
}

TEST_F(ImportImages, ThatWereUploadedArePlacedByTheirAddress) {
    run(file(image("1", "1") + image("2", "2")));
    const std::string hero = upload_in_front();
    const std::string name = hero.substr(hero.rfind('/') + 1);
    ASSERT_EQ(order(), cat(name, " 1 2"));
    const auto with_hero = [&](std::string_view position) {
        return cat("p,,,", hero, ",", position, ",\n");
    };
    takes(file(cat(image("2", "1"), with_hero("2"), image("1", "3"))), cat("2 ", name, " 1"));
    takes(file(image("1", "1") + image("2", "2")), cat("1 2 ", name));
}

// A blank cell erased what somebody had written.
TEST_F(ImportImages, KeepTheirAltTextWhereTheCellIsBlank) {
    run(file(image("1", "1", "one")));
    EXPECT_EQ(counts(run(file(image("1", "1")))), "0/0/1/0");
    EXPECT_EQ(alt_of_first(), "one");
    run(file(image("1", "1", "uno")));
    EXPECT_EQ(alt_of_first(), "uno");
}

TEST_F(ImportImages, BeyondWhatAProductCanHaveAreOneMistakeAndTheOthersAreStillPlaced) {
    std::string images;
    for (int i = 1; i <= media_per_product_max; ++i) {
        images += image(cat(i), cat(i));
    }
    EXPECT_EQ(counts(run(file(images))), "1/0/0/0");
    const Import more = run(file(image("a", "1") + image("b", "2") + image("50", "3")));
    EXPECT_EQ(errors_of(more), "3:Image Src ");
    EXPECT_TRUE(order().starts_with("1 2 50 3 4 ")) << order();
}

}  // namespace souk::products
