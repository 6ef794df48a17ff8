#include "domain/products/csv.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

constexpr std::size_t fill_bytes = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Where the line after `from` begins, or the end of the text.
std::size_t line_after(std::string_view text, std::size_t from) {
    const auto end = text.find('\n', from);
    return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

/// What the buffer begins with.
struct CsvReader::Scan {
    enum class Outcome { row, fault, needs_more };
    Outcome outcome = Outcome::needs_more;
    std::size_t length = 0;  // Bytes of the row, or up to where reading goes on after a fault.
    std::vector<std::string> cells = {};
    CsvFault fault = {};
};

/// Reads on, at least as much again as is there: a long row is looked at a few times, not once a
/// piece.
Result<void> CsvReader::fill() {
    buffer_.erase(0, start_);
    start_ = 0;
    const std::size_t enough = std::max(2 * buffer_.size(), fill_bytes);
    while (!ended_ && buffer_.size() < enough) {
        const std::string more = TRY(file_.next(enough - buffer_.size()));
        ended_ = more.empty();
        buffer_ += more;
    }
    return {};
}

void CsvReader::consume(std::size_t bytes) {
    start_ += bytes;
    offset_ += bytes;
}

CsvReader::Scan CsvReader::scan() const {
    const std::string_view text = rest();
    Scan scan;
    std::string cell;
    std::size_t quote = 0;  // Where the open quote stands.
    enum class In { start, plain, quoted, after_quote } in = In::start;
    const auto broken = [&](std::size_t at, std::string detail) {
        scan.outcome = Scan::Outcome::fault;
        scan.length = line_after(text, at);
        scan.fault = {scan.cells.size(), std::move(detail)};
        // The line break that reading goes on behind may not have been read yet.
        if (scan.length == text.size() && !ended_ && (text.empty() || text.back() != '\n') &&
            text.size() < 2 * csv_row_max) {
            scan.outcome = Scan::Outcome::needs_more;
        }
        return scan;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (cell.size() > csv_cell_max || i > csv_row_max) {
            const std::string detail = cell.size() > csv_cell_max
                                           ? cat("A cell has at most ", csv_cell_max, " bytes.")
                                           : cat("A row has at most ", csv_row_max, " bytes.");
            return broken(in == In::quoted ? quote : i,
                          in == In::quoted ? detail + " Is a closing quote missing?" : detail);
        }
        if (in == In::quoted) {
            if (c == '"') {
                in = In::after_quote;
            } else {
                cell.push_back(c);
            }
            continue;
        }
        if (in == In::after_quote && c == '"') {
            cell.push_back('"');
            in = In::quoted;
            continue;
        }
        const bool line_end = c == '\n' || c == '\r';  // Excel on a Mac writes CR alone.
        if (c == '\r' && i + 1 == text.size() && !ended_) {
            return scan;
        }
        if (c == ',' || line_end) {
            scan.cells.push_back(std::move(cell));
            cell.clear();
            in = In::start;
            if (line_end) {
                scan.outcome = Scan::Outcome::row;
                scan.length = i + (text.substr(i).starts_with("\r\n") ? 2 : 1);
                return scan;
            }
        } else if (in == In::after_quote) {
            return broken(i, "After a closing quote comes a comma or the end of the line.");
        } else if (c == '"' && in == In::start) {
            quote = i;
            in = In::quoted;
        } else if (c == '"') {
            return broken(i, "A quote inside a cell is doubled, and the cell put in quotes.");
        } else {
            cell.push_back(c);
            in = In::plain;
        }
    }
    if (!ended_) {
        return scan;
    }
    if (in == In::quoted) {
        return broken(quote, "The quote that begins here is never closed.");
    }
    scan.cells.push_back(std::move(cell));
    scan.outcome = Scan::Outcome::row;
    scan.length = text.size();
    return scan;
}

Result<std::optional<CsvRow>> CsvReader::next() {
    for (;;) {
        if (rest().empty() && !ended_) {
            TRY(fill());
        }
        if (offset_ == 0 && rest().starts_with(byte_order_mark)) {
            consume(byte_order_mark.size());
        }
        if (rest().empty()) {
            if (ended_) {
                return std::nullopt;
            }
            continue;
        }
        Scan found = scan();
        if (found.outcome == Scan::Outcome::needs_more) {
            TRY(fill());
            continue;
        }
        CsvRow row{.number = number_++, .offset = offset_};
        consume(found.length);
        if (found.outcome == Scan::Outcome::fault) {
            row.fault = std::move(found.fault);
            return row;
        }
        // Spreadsheets end their files with lines of commas alone.
        if (!std::ranges::all_of(found.cells, &std::string::empty)) {
            row.cells = std::move(found.cells);
            return row;
        }
    }
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) {
            line.push_back(',');
        }
        if (cells[i].find_first_of("\",\r\n") == std::string::npos) {
            line += cells[i];
            continue;
        }
        line.push_back('"');
        for (const char c : cells[i]) {
            line.append(c == '"' ? 2 : 1, c);
        }
        line.push_back('"');
    }
    return line + "\r\n";
}

}  // namespace souk::products
