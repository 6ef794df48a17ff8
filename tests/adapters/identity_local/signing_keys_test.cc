#include "adapters/identity_local/signing_keys.h"

#include <sys/stat.h>

#include <fstream>
#include <set>

#include "adapters/identity_local/local_home.h"
#include "domain/base/json.h"

namespace souk::contract {

namespace {

class SigningKeysTest : public testing::Test {
protected:
    std::unique_ptr<SigningKeys> opened() {
        return must(SigningKeys::open(directory_.path(), environment_.environment()));
    }
    [[nodiscard]] std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }
    static std::size_t published(SigningKeys& keys) {
        return must(JsonDocument::parse(keys.jwks())).root()["keys"].size();
    }
    static constexpr auto retired_life = std::chrono::seconds(960);

    TestEnvironment environment_;
    TemporaryDirectory directory_;
};

}  // namespace

TEST_F(SigningKeysTest, MakesAKeyForItsOwnerAloneOnFirstStart) {
    opened();
    ASSERT_EQ(files().size(), 1U);
    struct stat status{};
    ASSERT_EQ(::stat((directory_.path() + "/" + *files().begin()).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SigningKeysTest, MakesTheDirectoryForItsOwnerAlone) {
    const std::string nested = directory_.path() + "/a/keys";
    must(SigningKeys::open(nested, environment_.environment()));
    struct stat status{};
    ASSERT_EQ(::stat(nested.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(SigningKeysTest, KeepsItsKeyOverARestart) {
    const std::string first = opened()->current().id;
    EXPECT_EQ(opened()->current().id, first);
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(SigningKeysTest, VerifiesWhatItSignedAndNothingElse) {
    const auto keys = opened();
    const SigningKey key = keys->current();
    std::string signature = SigningKeys::sign(key, "message");
    EXPECT_TRUE(SigningKeys::verify(key, "message", signature));
    EXPECT_FALSE(SigningKeys::verify(key, "messagE", signature));
    EXPECT_FALSE(SigningKeys::verify(key, "message", signature.substr(1)));
    EXPECT_FALSE(SigningKeys::verify(key, "message", ""));
    signature.back() = static_cast<char>(signature.back() ^ 1);
    EXPECT_FALSE(SigningKeys::verify(key, "message", signature));
}

TEST_F(SigningKeysTest, RotationSignsWithANewKeyAndStillKnowsTheOld) {
    const auto keys = opened();
    const SigningKey old = keys->current();
    must(keys->rotate());
    EXPECT_NE(keys->current().id, old.id);
    ASSERT_TRUE(keys->find(old.id));
    EXPECT_TRUE(SigningKeys::verify(*keys->find(old.id), "m", SigningKeys::sign(old, "m")));
    EXPECT_EQ(published(*keys), 2U);
}

TEST_F(SigningKeysTest, RotationLeavesNoOldPrivateKeyOnTheDisk) {
    const auto keys = opened();
    must(keys->rotate());
    int private_keys = 0;
    for (const std::string& name : files()) {
        std::ifstream file(directory_.path() + "/" + name);
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        private_keys += text.find("PRIVATE KEY") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(private_keys, 1);
    EXPECT_EQ(files().size(), 2U);
}

TEST_F(SigningKeysTest, ARetiredKeyGoesOnceItsTokensHaveExpired) {
    const auto keys = opened();
    const std::string old = keys->current().id;
    must(keys->rotate());
    environment_.clock.advance(retired_life - std::chrono::milliseconds(1));
    EXPECT_TRUE(keys->find(old));
    environment_.clock.advance(std::chrono::milliseconds(1));
    EXPECT_FALSE(keys->find(old));
    EXPECT_EQ(published(*keys), 1U);
    opened();
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(SigningKeysTest, RotationsAreKeptOverARestart) {
    std::string first;
    std::string second;
    {
        const auto keys = opened();
        first = keys->current().id;
        must(keys->rotate());
        second = keys->current().id;
    }
    const auto keys = opened();
    EXPECT_EQ(keys->current().id, second);
    EXPECT_TRUE(keys->find(first));
}

TEST_F(SigningKeysTest, RotatesTwiceInOneMillisecond) {
    const auto keys = opened();
    const std::string first = keys->current().id;
    must(keys->rotate());
    const std::string second = keys->current().id;
    must(keys->rotate());
    EXPECT_EQ(std::set({first, second, keys->current().id}).size(), 3U);
    EXPECT_EQ(opened()->current().id, keys->current().id);
    EXPECT_EQ(published(*keys), 3U);
}

TEST_F(SigningKeysTest, FollowsARotationByAnotherProcess) {
    const auto server = opened();
    const auto command = opened();
    must(command->rotate());
    EXPECT_EQ(server->current().id, command->current().id);
    EXPECT_EQ(published(*server), 2U);
}

TEST_F(SigningKeysTest, FindsAKeyThatAnotherProcessMadeMeanwhile) {
    const auto server = opened();
    const auto command = opened();
    must(command->rotate());
    EXPECT_TRUE(server->find(command->current().id));
}

TEST_F(SigningKeysTest, CompletesARotationThatWasCutOff) {
    std::string older;
    {
        const auto keys = opened();
        older = keys->current().id;
    }
    // A crash after the new key was written and before the old one was retired.
    TemporaryDirectory elsewhere;
    environment_.clock.advance(std::chrono::seconds(1));
    const auto newer = must(SigningKeys::open(elsewhere.path(), environment_.environment()));
    for (const auto& entry : std::filesystem::directory_iterator(elsewhere.path())) {
        std::filesystem::copy(entry.path(),
                              directory_.path() + "/" + entry.path().filename().string());
    }
    const auto keys = opened();
    EXPECT_EQ(keys->current().id, newer->current().id);
    ASSERT_TRUE(keys->find(older));
    EXPECT_TRUE(keys->find(older)->retired);
    EXPECT_TRUE(files().begin()->starts_with("retired-"));
}

TEST_F(SigningKeysTest, RetiresAKeyFileThatSomeoneNamed) {
    std::ofstream(directory_.path() + "/" + test_key_file) << test_key_pem;
    const auto keys = opened();
    const std::string named = keys->current().id;
    must(keys->rotate());
    EXPECT_FALSE(files().contains(test_key_file));
    EXPECT_EQ(opened()->current().id, keys->current().id);
    EXPECT_TRUE(keys->find(named));
    EXPECT_EQ(published(*keys), 2U);
}

TEST_F(SigningKeysTest, IgnoresOtherFiles) {
    opened();
    std::ofstream(directory_.path() + "/README") << "not a key";
    std::ofstream(directory_.path() + "/signing-key.pem.123.new") << "half a key";
    EXPECT_EQ(published(*opened()), 1U);
}

TEST_F(SigningKeysTest, RefusesAKeyFileThatIsNoKey) {
    std::ofstream(directory_.path() + "/signing-000001767225600-abc.pem") << "not a key";
    const auto keys = SigningKeys::open(directory_.path(), environment_.environment());
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().code, errors::identity_unavailable);
    EXPECT_NE(keys.error().detail.find("abc.pem"), std::string::npos);
}

// The bug: reading it threw, and nothing caught that.
TEST_F(SigningKeysTest, RefusesAFolderInAKeyFilesPlace) {
    opened();
    const auto key = std::filesystem::path(directory_.path()) / *files().begin();
    std::filesystem::remove(key);
    std::filesystem::create_directory(key);
    EXPECT_FALSE(SigningKeys::open(directory_.path(), environment_.environment()));
}

TEST_F(SigningKeysTest, RefusesADirectoryThatCannotBe) {
    std::ofstream(directory_.path() + "/file") << "in the way";
    const auto keys =
        SigningKeys::open(directory_.path() + "/file/keys", environment_.environment());
    EXPECT_EQ(outcome(keys), "identity_unavailable");
}

TEST_F(SigningKeysTest, KeepsServingWhenTheDirectoryDisappears) {
    const auto keys = opened();
    const std::string id = keys->current().id;
    std::filesystem::remove_all(directory_.path());
    EXPECT_EQ(keys->current().id, id);
    EXPECT_FALSE(keys->rotate());
    EXPECT_EQ(keys->current().id, id);
}

}  // namespace souk::contract
