#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/http.h"

namespace souk::products {

/// Why a row could not be read: which cell (counted from 0), and in words.
struct CsvFault {
    std::size_t column = 0;
    std::string detail;
};

/// One row of a CSV file.
struct CsvRow {
    std::int64_t number = 0;   // As a spreadsheet counts: the header is row 1.
    std::uint64_t offset = 0;  // Of its first byte in the file.
    std::vector<std::string> cells = {};
    std::optional<CsvFault> fault = {};  // Then the cells mean nothing.
};

/// Reads CSV front to back, holding one row at a time: commas, quotes doubled inside quotes, line
/// breaks inside quotes, CRLF or LF, an optional byte order mark; empty lines are skipped. After a
/// row that cannot be read it goes on at the next line break behind the mistake. Cells over
/// csv_cell_max and rows over csv_row_max are such mistakes. Source: RFC 4180.
class CsvReader {
public:
    /// `file` stands at `offset`, where row `first_number` begins. Outlives the reader.
    explicit CsvReader(BodyReader& file, std::uint64_t offset = 0, std::int64_t first_number = 1)
        : file_(file), offset_(offset), number_(first_number) {}

    /// The next row; nothing at the end of the file. Errors: those of the file.
    [[nodiscard]] Result<std::optional<CsvRow>> next();
    /// Where the row after the last one returned begins.
    [[nodiscard]] std::uint64_t offset() const { return offset_; }
    [[nodiscard]] std::int64_t next_number() const { return number_; }

private:
    struct Scan;
    Result<void> fill();
    void consume(std::size_t bytes);
    [[nodiscard]] Scan scan() const;
    [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(start_); }

    BodyReader& file_;
    std::uint64_t offset_;
    std::int64_t number_;
    std::string buffer_;
    std::size_t start_ = 0;  // Of what is not consumed in the buffer.
    bool ended_ = false;     // The file has no more bytes than the buffer.
};

/// The cells as one line, quoted where it is needed, with CRLF.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

}  // namespace souk::products
