#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

namespace fs = std::filesystem;
using contract::code_of;
using contract::key_at;
using contract::one;
using contract::row_at;

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_over(const fs::path& path, std::string_view content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// A ledger with acknowledged rows, some in a table file and some only in the log.
class DamageTest : public testing::Test {
protected:
    static constexpr int rows = 60;

    DamageTest() {
        for (int i = 0; i < rows / 2; ++i) {
            put(i);
        }
        ledger_.reset();
        open();  // Recovery moves the log into a table file.
        for (int i = rows / 2; i < rows; ++i) {
            put(i);
        }
        ledger_.reset();
    }

    static std::string body(int number) {
        return std::string(700, static_cast<char>('a' + number % 26));
    }
    void open() {
        auto ledger = RocksLedger::open({directory_.path(), clock_});
        ASSERT_TRUE(ledger) << ledger.error().detail;
        ledger_ = std::move(*ledger);
    }
    void put(int number) {
        if (!ledger_) {
            open();
        }
        ASSERT_TRUE(
            ledger_->commit(one(Put{row_at(cat("row-", number), body(number)), Expect::any()})));
    }
    fs::path only(std::string_view ending) const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(directory_.path())) {
            if (entry.path().string().ends_with(ending) && entry.file_size() > 0) {
                found.push_back(entry.path());
            }
        }
        EXPECT_EQ(found.size(), 1U) << ending;
        return found.empty() ? fs::path() : found.front();
    }
    fs::path mark() const { return directory_ / "souk.durable"; }
    std::string refusal() {
        const auto ledger = RocksLedger::open({directory_.path(), clock_});
        EXPECT_EQ(code_of(ledger), "corrupt_row");
        return ledger ? "it opened" : ledger.error().detail;
    }
    /// What is wrong with what the directory now shows of the acknowledged rows; refusals to open
    /// and to read are fine.
    std::string lie(const std::string& directory) {
        const auto ledger = RocksLedger::open({directory, clock_});
        for (int i = 0; ledger && i < rows; ++i) {
            const auto row = (*ledger)->get(key_at(cat("row-", i)));
            if (row && !*row) {
                return cat("row ", i, " is gone");
            }
            if (row && (*row)->body != body(i)) {
                return cat("row ", i, " is not what was acknowledged");
            }
        }
        return {};
    }

    SettableClock clock_;
    TemporaryDirectory directory_{in_memory()};
    std::unique_ptr<RocksLedger> ledger_;
};

using Damage = std::function<std::string(std::string content)>;

std::string flipped(std::string content, std::size_t at) {
    content[at] = static_cast<char>(content[at] ^ 0x10);
    return content;
}

std::string zeroed(std::string content, std::size_t from, std::size_t count) {
    const std::size_t end = std::min(content.size(), from + count);
    std::fill(content.begin() + static_cast<std::ptrdiff_t>(from),
              content.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    return content;
}

/// One content after another: each a damaged version of the file.
std::vector<std::string> damaged_versions(const std::string& content) {
    constexpr std::size_t page = 4096;
    constexpr std::size_t samples = 23;
    std::vector<std::string> versions = {""};
    const std::size_t step = std::max<std::size_t>(content.size() / samples, 1);
    for (std::size_t at = 0; at < content.size(); at += step) {
        versions.push_back(content.substr(0, at));
        versions.push_back(flipped(content, at));
    }
    for (std::size_t at = 0; at < content.size(); at += page) {
        versions.push_back(zeroed(content, at, page));
    }
    if (content.size() > 1) {
        versions.push_back(content.substr(0, content.size() - 1));
    }
    return versions;
}

constexpr auto copying = fs::copy_options::recursive | fs::copy_options::overwrite_existing;

TEST_F(DamageTest, NoDamageToAnyFileMakesItForgetOrChangeWhatItAcknowledged) {
    for (const auto& entry : fs::directory_iterator(directory_.path())) {
        const fs::path name = entry.path().filename();
        const std::string content = content_of(entry.path());
        for (const auto& version : damaged_versions(content)) {
            const TemporaryDirectory copy(in_memory());
            fs::copy(directory_.path(), copy.path(), copying);
            write_over(copy / name.string(), version);
            ASSERT_EQ(lie(copy.path()), "")
                << name << " of " << content.size() << " bytes, now " << version.size();
        }
        const TemporaryDirectory copy(in_memory());
        fs::copy(directory_.path(), copy.path(), copying);
        fs::remove(copy / name.string());
        ASSERT_EQ(lie(copy.path()), "") << name << " was removed";
    }
}

TEST_F(DamageTest, RefusesALogWithABitFlippedAnywhere) {
    const fs::path log = only(".log");
    const std::string content = content_of(log);
    for (std::size_t at = 0; at < 3000; at += 7) {  // Every part of several records.
        const std::size_t from_the_end = content.size() - 1 - at;
        write_over(log, flipped(content, from_the_end));
        const std::string why = refusal();
        ASSERT_NE(why.find("souk restore"), std::string::npos) << from_the_end << ": " << why;
    }
    write_over(log, content);
    EXPECT_EQ(lie(directory_.path()), "") << "refusing changed nothing";
}

TEST_F(DamageTest, RefusesALogWhoseAcknowledgedEndIsMissingAndNamesIt) {
    const fs::path log = only(".log");
    const std::string content = content_of(log);
    write_over(log, content.substr(0, content.size() - 10));
    const std::string why = refusal();
    EXPECT_NE(why.find(log.filename().string()), std::string::npos) << why;
    EXPECT_NE(why.find("ends too early"), std::string::npos) << why;
    EXPECT_EQ(content_of(log).size(), content.size() - 10) << "nothing was changed";
}

TEST_F(DamageTest, RefusesALogWithAPageOfZerosInIt) {
    const fs::path log = only(".log");
    const std::string content = content_of(log);
    for (std::size_t at = 0; at + 1 < content.size(); at += 512) {
        write_over(log, zeroed(content, at, 1024));
        refusal();
    }
}

TEST_F(DamageTest, ForgivesARecordThatACrashCutShort) {
    const std::string before = content_of(mark());
    put(rows);
    ledger_.reset();
    write_over(mark(), before);  // As if the process had died before it could answer.
    const fs::path log = only(".log");
    fs::resize_file(log, fs::file_size(log) - 10);
    open();
    EXPECT_EQ(ledger_->notice(), "") << "an everyday crash";
    EXPECT_FALSE(ledger_->get(key_at(cat("row-", rows)))->has_value());
    ledger_.reset();
    EXPECT_EQ(lie(directory_.path()), "");
}

TEST_F(DamageTest, DropsATailThatACrashToreAndSaysSo) {
    const std::string before = content_of(mark());
    put(rows);
    put(rows + 1);
    ledger_.reset();
    write_over(mark(), before);
    const fs::path log = only(".log");
    const std::string content = content_of(log);
    write_over(log, flipped(content, content.size() - 1000));  // In the first of the two.
    open();
    EXPECT_NE(ledger_->notice().find("torn by a crash"), std::string::npos) << ledger_->notice();
    EXPECT_FALSE(ledger_->get(key_at(cat("row-", rows)))->has_value());
    EXPECT_FALSE(ledger_->get(key_at(cat("row-", rows + 1)))->has_value()) << "nor what followed";
    put(rows + 2);
    ledger_.reset();
    EXPECT_EQ(lie(directory_.path()), "");
    open();
    EXPECT_TRUE(ledger_->get(key_at(cat("row-", rows + 2)))->has_value());
}

TEST_F(DamageTest, SalvagesWhatIsReadableAndTellsTheLoss) {
    const fs::path log = only(".log");
    const std::string content = content_of(log);
    write_over(log, flipped(content, content.size() - 1000));  // In the last but one record.
    refusal();
    const auto salvaged = RocksLedger::salvage({.directory = directory_.path(), .clock = clock_});
    ASSERT_TRUE(salvaged) << (salvaged ? "" : salvaged.error().detail);
    EXPECT_NE(salvaged->find("; 2 acknowledged changes"), std::string::npos) << *salvaged;
    open();
    for (int i = 0; i < rows; ++i) {
        EXPECT_EQ(ledger_->get(key_at(cat("row-", i)))->has_value(), i < rows - 2) << i;
    }
    put(rows);
    ledger_.reset();
    open();
    EXPECT_TRUE(ledger_->get(key_at(cat("row-", rows)))->has_value());
}

TEST_F(DamageTest, OpensWithoutAMarkAsLedgersOfEarlierVersionsDo) {
    fs::remove(mark());
    EXPECT_EQ(lie(directory_.path()), "");
    EXPECT_TRUE(fs::exists(mark()));
}

TEST_F(DamageTest, SaysWhichFileIsMissing) {
    const fs::path table = only(".sst");
    fs::rename(table, directory_ / "elsewhere");
    const std::string without_table = refusal();
    EXPECT_NE(without_table.find(table.filename().string()), std::string::npos) << without_table;
    fs::rename(directory_ / "elsewhere", table);
    fs::remove(directory_ / "CURRENT");
    const std::string without_current = refusal();
    EXPECT_NE(without_current.find("CURRENT"), std::string::npos) << without_current;
}

TEST_F(DamageTest, BacksUpNoDamagedTableFile) {
    const fs::path table = only(".sst");
    write_over(table, flipped(content_of(table), 300));
    open();
    const TemporaryDirectory backups;
    EXPECT_EQ(code_of(ledger_->backup(backups / "b")), "corrupt_row");
}

TEST(UnfinishedLedger, IsMadeAnewByTheNextStart) {
    SettableClock clock;
    const TemporaryDirectory directory;
    {
        ASSERT_TRUE(RocksLedger::open({directory.path(), clock}));
    }
    // What a process leaves that dies while it makes its ledger.
    fs::remove(directory / "CURRENT");
    for (const auto& entry : fs::directory_iterator(directory.path())) {
        if (entry.path().extension() == ".log") {
            fs::remove(entry.path());
        }
    }
    write_over(directory / "souk.format", "0\n");
    write_over(directory / "souk.format.new", "");
    const auto again = RocksLedger::open({directory.path(), clock});
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE((*again)->commit(one(Put{row_at("s"), Expect::absent()})));
}

}  // namespace
}  // namespace souk
