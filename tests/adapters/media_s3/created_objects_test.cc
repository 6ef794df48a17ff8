#include "adapters/media_s3/created_objects.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {

namespace {

/// A record as S3 sends it, members that say nothing here left out.
std::string record(const char* name, const char* key, const char* size = "1024") {
    return cat(
        R"({"eventVersion":"2.1","eventSource":"aws:s3","eventName":")", name,
        R"(","s3":{"s3SchemaVersion":"1.0","bucket":{"name":"souk-media"},"object":{"key":")", key,
        R"(","size":)", size, R"(,"eTag":"d41d8cd9","sequencer":"00A1"}}})");
}
std::string records(const std::string& all) { return cat(R"({"Records":[)", all, "]}"); }

std::string outcome(std::string_view event) {
    const auto objects = parse_created_objects(event);
    if (!objects) {
        return std::string(objects.error().code.name);
    }
    std::string out;
    for (const auto& object : *objects) {
        out += cat(out.empty() ? "" : " ", object.key, ":", object.size);
    }
    return out;
}

}  // namespace

TEST(CreatedObjects, AreReadFromS3sNotification) {
    EXPECT_EQ(outcome(records(record("ObjectCreated:Put", "store_1/med_2.png"))),
              "store_1/med_2.png:1024");
    EXPECT_EQ(outcome(records(cat(record("ObjectCreated:Put", "a", "0"), ",",
                                  record("ObjectCreated:CompleteMultipartUpload", "b", "7")))),
              "a:0 b:7");
    EXPECT_EQ(outcome(records("")), "");
}

TEST(CreatedObjects, HaveTheirKeysDecoded) {
    EXPECT_EQ(outcome(records(record("ObjectCreated:Put", "a+b%2Fc%C3%A9"))), "a b/c\xC3\xA9:1024");
    EXPECT_EQ(outcome(records(record("ObjectCreated:Put", "a%zz"))), "validation_failed");
}

TEST(CreatedObjects, AreReadFromEventBridge) {
    EXPECT_EQ(outcome(R"({"version":"0","detail-type":"Object Created","source":"aws.s3","detail":)"
                      R"({"bucket":{"name":"b"},"object":{"key":"a+b%2F","size":5}}})"),
              "a+b%2F:5");
    EXPECT_EQ(outcome(R"({"detail-type":"Object Deleted","source":"aws.s3","detail":{}})"), "");
}

TEST(CreatedObjects, AreNotWhatElseHappens) {
    EXPECT_EQ(outcome(records(cat(record("ObjectRemoved:Delete", "a"), ",",
                                  record("ObjectCreated:Copy", "b")))),
              "b:1024");
    EXPECT_EQ(outcome(R"({"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"souk-media"})"),
              "");
}

TEST(CreatedObjects, AreNotMadeUp) {
    EXPECT_EQ(outcome("{"), "malformed_json");
    for (const std::string& event :
         {std::string("{}"), std::string("[]"), std::string(R"({"Records":{}})"),
          records(record("ObjectCreated:Put", "")), records(record("ObjectCreated:Put", "a", "-1")),
          records(record("ObjectCreated:Put", "a", "\"1\"")),
          records(R"({"eventName":"ObjectCreated:Put"})")}) {
        EXPECT_EQ(outcome(event), "validation_failed") << event;
    }
}

}  // namespace souk
