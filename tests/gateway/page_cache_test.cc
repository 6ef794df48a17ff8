#include "gateway/door.h"

namespace souk::testing {
namespace {

class Pages : public Door {
protected:
    int rendered = 0;
    bool by_index = false;

    void SetUp() override {
        Route page = route(Method::get, "/v1/stores/{store}/page", audience::anyone);
        page.caching = Caching::page;
        page.handle = [this](const Caller& caller, const Request&) -> Result<Response> {
            ++rendered;
            const auto found =
                TRY(table.store(caller.in_store())
                        .query({.partition = "list", .on_index = by_index, .limit = 10}));
            std::string names;
            for (const auto& row : found.rows) {
                names += row.body;
            }
            return json_response(200, cat("\"", names, "\""), 3);
        };
        routes.push_back(page);
    }
    void put(std::string partition, std::string sort, std::string body,
             const StoreId& store = shop) {
        ASSERT_TRUE(perform(table, [&]() -> Result<Change<Done>> {
            Change<Done> change;
            table.store(store).put(change.changes,
                                   {.partition = partition, .sort = sort, .body = body},
                                   Expect::any());
            return change;
        }));
    }
    std::string page(std::vector<Parameter> headers = {}) {
        return std::string(call(Method::get, "/v1/stores/shop/page", std::move(headers)).text());
    }
};

TEST_F(Pages, AreRenderedOnceUntilTheirRowsChange) {
    put("list", "a", "A");
    EXPECT_EQ(page(), "\"A\"");
    EXPECT_EQ(page(), "\"A\"");
    EXPECT_EQ(rendered, 1);
    put("list", "b", "B");
    EXPECT_EQ(page(), "\"AB\"");
    EXPECT_EQ(rendered, 2);
}

TEST_F(Pages, AreLimitedThoughTheyAreKept) {
    options.ordinary = {1, 3};
    put("list", "a", "A");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(page(), "\"A\"");
    }
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/page").status, 429);
    EXPECT_EQ(rendered, 1);
}

TEST_F(Pages, DoNotCareForOtherRowsOrStores) {
    page();
    put("elsewhere", "a", "A");
    put("list", "a", "A", other_shop);
    page();
    EXPECT_EQ(rendered, 1);
}

TEST_F(Pages, AreNeverKeptForWhoeverIsSignedIn) {
    const auto headers = signed_in({shop}, "ada@example.com");
    page(headers);
    page(headers);
    EXPECT_EQ(rendered, 2);
}

TEST_F(Pages, ThatAskAnIndexAreNotKept) {
    by_index = true;
    page();
    page();
    EXPECT_EQ(rendered, 2);
}

TEST_F(Pages, HaveATagThatFollowsTheBodyAndStillTellsTheVersion) {
    const auto first = call(Method::get, "/v1/stores/shop/page");
    const std::string tag = header_of(first, "ETag");
    EXPECT_TRUE(tag.starts_with("\"3-")) << tag;
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/page", {{"if-none-match", tag}}).status, 304);
    put("list", "a", "A");
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/page", {{"if-none-match", tag}}).status, 200);
    EXPECT_NE(header_of(call(Method::get, "/v1/stores/shop/page"), "ETag"), tag);
}

TEST_F(Pages, TheCacheIsBounded) {
    gateway::PageCache cache(epochs, 8 * 2048);
    for (int i = 0; i < 1000; ++i) {
        cache.keep(cat("key", i), json_response(200, std::string(100, 'x')), {});
    }
    int kept = 0;
    for (int i = 0; i < 1000; ++i) {
        kept += cache.find(cat("key", i)) ? 1 : 0;
    }
    EXPECT_LE(kept, 8 * 3);
    EXPECT_TRUE(cache.find("key999"));
}

/// Whether a value is kept that was made from so many partitions, each read by `read`.
template <class Read>
bool is_kept(const gateway::CommitEpochs& epochs, std::size_t partitions, Read read) {
    gateway::WatchedCache<int> cache(epochs, 1 << 20);
    const auto made = cache.find_or_make(
        "key",
        [&]() -> Result<std::optional<int>> {
            for (std::size_t i = 0; i < partitions; ++i) {
                TRY(read(cat("partition ", i)));
            }
            return 1;
        },
        [](int) { return sizeof(int); });
    EXPECT_TRUE(made && *made == 1);
    return cache.find("key") != nullptr;
}

TEST_F(Pages, AreKeptUnlessTheyAreMadeFromTooManyPartitions) {
    using gateway::dependencies_max;
    const auto get = [&](std::string partition) {
        return tracked.get({.table = "test", .partition = std::move(partition), .sort = "a"});
    };
    EXPECT_TRUE(is_kept(epochs, dependencies_max, get));
    EXPECT_FALSE(is_kept(epochs, dependencies_max + 1, get));
    EXPECT_FALSE(is_kept(epochs, 2 * dependencies_max, get));
}

TEST_F(Pages, OfWhatIsKeptAreMadeFromAllThatItWasMadeFrom) {
    using gateway::dependencies_max;
    gateway::WatchedCache<int> inner(epochs, 1 << 20);
    inner.keep("half", 1, sizeof(int), gateway::Dependencies(dependencies_max / 2));
    const auto use_half = [&](const std::string&) -> Result<void> {
        EXPECT_TRUE(inner.find("half"));
        return {};
    };
    EXPECT_TRUE(is_kept(epochs, 2, use_half));
    EXPECT_FALSE(is_kept(epochs, 3, use_half));
}

TEST(WatchedCache, RefusesWhatWasMadeFromTooManyPartitions) {
    const gateway::CommitEpochs epochs;
    gateway::WatchedCache<int> cache(epochs, 1 << 20);
    cache.keep("most", 1, sizeof(int), gateway::Dependencies(gateway::dependencies_max));
    EXPECT_TRUE(cache.find("most"));
    cache.keep("more", 1, sizeof(int), gateway::Dependencies(gateway::dependencies_max + 1));
    EXPECT_FALSE(cache.find("more"));
}

}  // namespace
}  // namespace souk::testing
