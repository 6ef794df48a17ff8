#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "saga/audit.h"
#include "saga/post.h"

namespace souk::testing {

/// One seed's story: what people do and what goes wrong, until everything is quiet.
class Story {
public:
    Story(std::uint64_t seed, Sabotage sabotage);
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;

    /// Tells it; what was wrong, or nothing.
    [[nodiscard]] std::optional<std::string> violation();
    [[nodiscard]] const Audit& audit() const { return audit_; }
    [[nodiscard]] const Post& post() const { return post_; }

private:
    [[nodiscard]] const std::optional<std::string>& wrong() const {
        return audit_.violation() ? audit_.violation() : post_.wrong();
    }
    void act(std::size_t dice);
    void act_beside(std::size_t dice);
    void interrupt();
    void settle();

    World world_;
    Audit audit_;
    Post post_;
    std::size_t step_ = 0;
    int depth_ = 0;
};

}  // namespace souk::testing
