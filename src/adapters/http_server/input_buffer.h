#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace souk::http_edge {

/// Bytes that have arrived and are not consumed yet, in one piece.
class InputBuffer {
public:
    struct Space {
        char* bytes;
        std::size_t size;
    };

    [[nodiscard]] std::string_view unread() const {
        return {storage_.get() + begin_, end_ - begin_};
    }
    [[nodiscard]] bool empty() const { return begin_ == end_; }

    /// Room after the unread bytes, never none. Grows to `wanted` bytes in all, beyond only when
    /// full. Effects: views of `unread()` become invalid.
    [[nodiscard]] Space space(std::size_t wanted);
    /// `count` bytes were written into the space.
    void received(std::size_t count) { end_ += count; }
    /// The first `count` unread bytes are done with.
    void consume(std::size_t count);
    /// Gives memory above `capacity_max` back when nothing is unread.
    void trim(std::size_t capacity_max);

private:
    void move_to(std::size_t capacity);

    std::unique_ptr<char[]> storage_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace souk::http_edge
