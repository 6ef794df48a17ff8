#include "domain/products/csv.h"

#include "domain/products/limits.h"
#include "products/shop.h"

namespace souk::products {

/// Hands out a few bytes at a time, so that every boundary falls inside a read.
class SlowReader final : public BodyReader {
public:
    SlowReader(std::string text, std::size_t step) : text_(std::move(text)), step_(step) {}
    Result<std::string> next(std::size_t) override {
        std::string piece = text_.substr(at_, step_);
        at_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return text_.size(); }

private:
    std::string text_;
    std::size_t step_;
    std::size_t at_ = 0;
};

std::string read_all(const std::string& text, std::size_t step = 1000) {
    SlowReader file(text, step);
    CsvReader csv(file);
    std::string all;
    for (;;) {
        const auto row = csv.next();
        if (!*row) {
            return all;
        }
        all += cat((*row)->number, ":");
        if ((*row)->fault) {
            all += cat("!", (*row)->fault->column);
        }
        for (const auto& cell : (*row)->cells) {
            all += cat("[", cell, "]");
        }
        all += "\n";
    }
}

// The bug: a file whose lines end with CR alone was a long header, and its import a success.
TEST(Csv, ReadsLinesThatEndWithCrAlone) {
    for (const std::size_t step : {1, 2, 1000}) {
        EXPECT_EQ(read_all("a,b\rc,\"d\re\"\rf,g", step), "1:[a][b]\n2:[c][d\re]\n3:[f][g]\n");
        EXPECT_EQ(read_all("a\r\nb\rc\nd\r", step), "1:[a]\n2:[b]\n3:[c]\n4:[d]\n");
    }
}

TEST(Csv, ReadsQuotesLineBreaksAndBothLineEnds) {
    EXPECT_EQ(read_all("a,b\r\n1,\"x, \"\"y\"\"\"\n\"two\nlines\",\n"),
              "1:[a][b]\n2:[1][x, \"y\"]\n3:[two\nlines][]\n");
}

TEST(Csv, SkipsAByteOrderMarkAndEmptyLinesButCountsThem) {
    EXPECT_EQ(read_all("\xEF\xBB\xBF"
                       "a\n\n\nb"),
              "1:[a]\n4:[b]\n");
    EXPECT_EQ(read_all("a,b\n,\n1,\n,,,\r\n"), "1:[a][b]\n3:[1][]\n") << "As Excel ends files.";
    EXPECT_EQ(read_all(""), "");
    EXPECT_EQ(read_all("\xEF\xBB\xBF"), "");
}

TEST(Csv, ReadsTheSameInPiecesOfAnySize) {
    const std::string text =
        "\xEF\xBB\xBF"
        "h,\"i\"\"\"\r\n\"a\r\nb\",c\r\nbro\"ken,x\r\n\"bad\"x,y\r\n,\r\nlast,\"q\"";
    const std::string whole = read_all(text);
    EXPECT_EQ(whole, "1:[h][i\"]\n2:[a\r\nb][c]\n3:!0\n4:!0\n6:[last][q]\n");
    for (std::size_t step = 1; step < text.size(); ++step) {
        EXPECT_EQ(read_all(text, step), whole) << step;
    }
}

TEST(Csv, GoesOnAfterAQuoteThatIsNeverClosed) {
    EXPECT_EQ(read_all("a,b\n1,\"open\n2,two\n3,three\n"),
              "1:[a][b]\n2:!1\n3:[2][two]\n4:[3][three]\n");
    const std::string long_rest(csv_cell_max + 10, 'x');
    EXPECT_EQ(read_all(cat("a\n\"open\nok\n", long_rest, "\nend\n"), 4096).substr(0, 16),
              "1:[a]\n2:!0\n3:[ok");
}

TEST(Csv, LimitsCellsAndRows) {
    const std::string long_cell(csv_cell_max + 1, 'x');
    EXPECT_EQ(read_all(cat("a,", long_cell, ",c\nok\n"), 4096), "1:!1\n2:[ok]\n");
    std::string long_row;
    for (std::size_t i = 0; i < csv_row_max; i += 100) {
        long_row += std::string(99, 'x') + ',';
    }
    EXPECT_EQ(read_all(cat(long_row, "xx\nok\n"), 4096).substr(0, 3), "1:!");
    EXPECT_TRUE(read_all(cat(long_row, "xx\nok\n"), 4096).ends_with("2:[ok]\n"));
}

TEST(Csv, GoesOnFromAnOffset) {
    const std::string text = "a,b\n1,2\n\n3,4\n";
    StringReader file(text);
    CsvReader csv(file);
    (void)csv.next();
    (void)csv.next();
    StringReader rest(text.substr(csv.offset()));
    CsvReader again(rest, csv.offset(), csv.next_number());
    const auto row = *again.next();
    EXPECT_EQ(row->number, 4);
    EXPECT_EQ(row->cells, (std::vector<std::string>{"3", "4"}));
}

TEST(Csv, WritesWhatItReads) {
    const std::vector<std::string> cells{"plain", "a,b", "say \"x\"", "two\nlines", ""};
    SlowReader file(csv_line(cells), 3);
    CsvReader csv(file);
    EXPECT_EQ((*csv.next())->cells, cells);
}

}  // namespace souk::products
