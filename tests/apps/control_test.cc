#include "apps/souk/control.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <barrier>
#include <cstring>
#include <future>
#include <latch>

#include "domain/base/text.h"
#include "support/temporary_folder.h"

namespace souk::app {
namespace {

using namespace std::chrono_literals;

struct Heard : Output {
    std::string text, complaints;
    void write(std::string_view words) override { text += words; }
    void complain(std::string_view words) override { complaints += words; }
};

class ControlTest : public testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<ControlSocket> open(
        Operate operate, std::chrono::milliseconds asking = ControlSocket::asking_max) const {
        auto opened = ControlSocket::open(folder.path(), std::move(operate), asking);
        return opened ? *std::move(opened) : nullptr;
    }
    [[nodiscard]] Exit ask(const std::string& name) const {
        Heard heard;
        const auto outcome =
            ControlSocket::ask(folder.path(), {.name = name, .options = {}}, heard);
        return outcome && *outcome ? **outcome : Exit::internal;
    }
    /// A connection of whoever does not keep to the protocol.
    [[nodiscard]] int connected() const {
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = (folder.path() / "control").string();
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
        return socket;
    }

    /// All that comes back until the other side hangs up.
    [[nodiscard]] static std::string heard_from(int connection) {
        std::string said;
        char byte = 0;
        while (::recv(connection, &byte, 1, 0) == 1) {
            said += byte;
        }
        ::close(connection);
        return said;
    }

    testing_support::TemporaryFolder folder;
};

TEST_F(ControlTest, PassesOnWhatACommandSaysAndHowItEnds) {
    const auto control = open([](const OperatorCommand& command, Output& output) {
        output.write(cat(command.name, " of ", command.option("store")));
        output.complain("There is\nnone.\n");
        return Exit::no_such;
    });
    ASSERT_TRUE(control);
    Heard heard;
    const auto outcome = ControlSocket::ask(
        folder.path(), {.name = "import", .options = {{"store", "medina"}}}, heard);
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ(**outcome, Exit::no_such);
    EXPECT_EQ(heard.text, "import of medina");
    EXPECT_EQ(heard.complaints, "There is\nnone.\n");
}

TEST_F(ControlTest, SaysThatNobodyServesADirectory) {
    Heard heard;
    const auto outcome =
        ControlSocket::ask(folder.path(), {.name = "import", .options = {}}, heard);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(*outcome);
}

TEST_F(ControlTest, LetsACommandBeyondThoseAtOnceWait) {
    std::latch all_run(ControlSocket::commands_max);
    std::promise<void> go_on;
    const std::shared_future<void> told = go_on.get_future();
    std::atomic<std::size_t> begun = 0;
    const auto control = open([&](const OperatorCommand& command, Output&) {
        ++begun;
        if (command.name == "slow") {
            all_run.count_down();
            told.wait();
        }
        return Exit::ok;
    });
    ASSERT_TRUE(control);
    std::vector<std::future<Exit>> slow;
    for (std::size_t i = 0; i < ControlSocket::commands_max; ++i) {
        slow.push_back(std::async(std::launch::async, [&] { return ask("slow"); }));
    }
    all_run.wait();
    auto one_more = std::async(std::launch::async, [&] { return ask("quick"); });
    EXPECT_EQ(one_more.wait_for(200ms), std::future_status::timeout);
    EXPECT_EQ(begun, ControlSocket::commands_max);
    go_on.set_value();
    EXPECT_EQ(one_more.get(), Exit::ok);
    for (auto& one : slow) {
        EXPECT_EQ(one.get(), Exit::ok);
    }
}

TEST_F(ControlTest, HangsUpOnWhoeverDoesNotSayWhatItWants) {
    std::atomic<bool> operated = false;
    const auto control = open(
        [&](const OperatorCommand&, Output&) {
            operated = true;
            return Exit::ok;
        },
        50ms);
    ASSERT_TRUE(control);
    const int silent = connected();
    const int drips = connected();
    ASSERT_EQ(::send(drips, "{", 1, MSG_NOSIGNAL), 1);
    for (const int one : {silent, drips}) {
        EXPECT_EQ(heard_from(one), cat('\0', static_cast<int>(Exit::usage), '\n'));
    }
    EXPECT_FALSE(operated);
}

TEST_F(ControlTest, TakesACommandOfABoundedLength) {
    std::string option;
    const auto control = open([&](const OperatorCommand& command, Output&) {
        option = command.option("x");
        return Exit::ok;
    });
    ASSERT_TRUE(control);
    const std::string_view before = R"({"name":"import","options":{"x":")", after = "\"}}\n";
    const std::string most(ControlSocket::command_bytes_max - before.size() - after.size(), 'y');
    const auto answer_to = [&](const std::string& value) {
        const int connection = connected();
        const std::string line = cat(before, value, after);
        EXPECT_EQ(::send(connection, line.data(), line.size(), MSG_NOSIGNAL), std::ssize(line));
        return heard_from(connection);
    };
    EXPECT_EQ(answer_to(most), cat('\0', static_cast<int>(Exit::ok), '\n'));
    EXPECT_EQ(option, most);
    option.clear();
    EXPECT_EQ(answer_to(most + "y"), cat('\0', static_cast<int>(Exit::usage), '\n'));
    EXPECT_EQ(option, "");
}

TEST_F(ControlTest, EndsWhileSomebodySaysNothing) {
    auto control = open([](const OperatorCommand&, Output&) { return Exit::ok; }, 1h);
    ASSERT_TRUE(control);
    const int silent = connected();
    control.reset();
    char byte = 0;
    EXPECT_LE(::recv(silent, &byte, 1, 0), 0);
    ::close(silent);
}

}  // namespace
}  // namespace souk::app
