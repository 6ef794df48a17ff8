#include "adapters/http_server/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace souk::http_edge {

InputBuffer::Space InputBuffer::space(std::size_t wanted) {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    }
    const std::size_t held = end_ - begin_;
    if (capacity_ < wanted || held == capacity_) {
        move_to(std::max(wanted, held == capacity_ ? capacity_ * 2 : capacity_));
    } else if (begin_ > 0) {
        std::memmove(storage_.get(), storage_.get() + begin_, held);
        begin_ = 0;
        end_ = held;
    }
    return {storage_.get() + end_, capacity_ - end_};
}

void InputBuffer::move_to(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    const std::size_t held = end_ - begin_;
    if (held > 0) {
        std::memcpy(larger.get(), storage_.get() + begin_, held);
    }
    storage_ = std::move(larger);
    capacity_ = capacity;
    begin_ = 0;
    end_ = held;
}

void InputBuffer::consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) {
        begin_ = end_ = 0;
    }
}

void InputBuffer::trim(std::size_t capacity_max) {
    if (empty() && capacity_ > capacity_max) {
        storage_.reset();
        capacity_ = 0;
    }
}

}  // namespace souk::http_edge
