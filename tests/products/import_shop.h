#pragma once

#include <string>

#include "domain/products/limits.h"
#include "products/shop.h"

namespace souk::products {

/// A shop whose catalogue comes from files.
class ImportProducts : public Shop {
protected:
    static constexpr const char* header =
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant "
        "SKU,"
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant "
        "Price,Image Src,Status\n";

    const std::string one_product =
        cat(header, "p,P,,,,,TRUE,Title,Default Title,S,shopify,1,deny,1,,active\n");

    /// One product of so many variants s0, s1, …, each with this stock.
    static std::string many_variants(std::int64_t count, int stock) {
        std::string text = cat(header, "p,P,,,,,TRUE,N,v0,s0,shopify,", stock, ",deny,1,,active\n");
        for (std::int64_t i = 1; i < count; ++i) {
            text += cat("p,,,,,,,N,v", i, ",s", i, ",shopify,", stock, ",deny,1,,\n");
        }
        return text;
    }

    Import run(const std::string& csv, const Caller& caller) {
        StringReader file(csv);
        const auto import =
            products->imports().run(caller, file, [](const Import&) -> Result<void> { return {}; });
        EXPECT_TRUE(import) << import.error().detail;
        return import ? *import : Import{.id = ImportId::trusted("none")};
    }
    Import run(const std::string& csv) { return run(csv, staff()); }
    /// The one that was announced last.
    Import the_import() {
        const auto announced = memory.events();
        const auto last = std::ranges::find(announced.rbegin(), announced.rend(),
                                            "souk.import.requested.v1", &Event::type);
        EXPECT_NE(last, announced.rend());
        const auto import = products->imports().find(store_id, ImportId::trusted(last->subject));
        EXPECT_TRUE(import) << import.error().detail;
        return *import;
    }
    static std::string errors_of(const Import& import) {
        std::string all;
        for (const auto& error : import.errors) {
            all += cat(error.row, ":", error.column, " ");
        }
        return all;
    }
    static std::string counts(const Import& import) {
        return cat(import.products_created, "/", import.products_updated, "/",
                   import.products_unchanged, "/", import.errors_total);
    }
    /// The catalogue, without what an import keeps for itself.
    std::string catalogue() {
        std::string all;
        for (const auto& row : memory.rows()) {
            if (row.key.partition.find("#import#") == std::string::npos) {
                all += cat(row.key.partition, "|", row.key.sort, "|", row.version, "|", row.body);
                for (const auto& [name, value] : row.counters) {
                    all += cat("|", name, "=", value);
                }
                all += "\n";
            }
        }
        return all;
    }
    /// Makes the rows of a partition such as nobody can read.
    void spoil(std::string_view partition_end) {
        for (auto row : memory.rows()) {
            if (row.key.partition.ends_with(partition_end)) {
                row.body = R"({"v":99})";
                EXPECT_TRUE(memory.commit({.writes = {Put{std::move(row), Expect::present()}}}));
            }
        }
    }
    /// What the queue would do until it is empty; each message is delivered `times`.
    void work_off(int times = 1) {
        std::size_t next = 0;
        for (bool more = true; more;) {
            more = false;
            const auto announced = memory.events();
            for (; next < announced.size(); ++next) {
                for (int n = 0; n < times && announced[next].type == "souk.import.requested.v1";
                     ++n) {
                    ASSERT_TRUE(deliver(announced[next]));
                    more = true;
                }
            }
        }
    }
};

}  // namespace souk::products
