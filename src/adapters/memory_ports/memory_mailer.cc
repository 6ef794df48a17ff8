#include "adapters/memory_ports/memory_mailer.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

bool is_one_word(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
}

bool is_utf8_throughout(const Mail& mail) {
    return is_utf8(mail.from_name) && is_utf8(mail.subject) && is_utf8(mail.text) &&
           is_utf8(mail.html);
}

}  // namespace

Result<void> MemoryMailer::send(const Mail& mail) {
    const std::scoped_lock lock(mutex_);
    ++calls_;
    if (to_fail_ > 0) {
        --to_fail_;
        return fail(failure_, "The memory mailer was told to fail.");
    }
    if (!is_email(mail.to) || (!mail.reply_to.empty() && !is_email(mail.reply_to)) ||
        mail.id.empty() || !is_one_word(mail.id) || !is_utf8_throughout(mail)) {
        return fail(errors::mail_refused, "An address, the id or a text cannot be used in a mail.");
    }
    mails_.push_back(mail);
    return {};
}

void MemoryMailer::fail_next(int mails, ErrorCode code) {
    const std::scoped_lock lock(mutex_);
    to_fail_ = mails;
    failure_ = code;
}

std::vector<Mail> MemoryMailer::mails() const {
    const std::scoped_lock lock(mutex_);
    return mails_;
}

std::optional<Mail> MemoryMailer::last_to(std::string_view address) const {
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(mails_.rbegin(), mails_.rend(),
                                    [&](const Mail& mail) { return mail.to == address; });
    return found == mails_.rend() ? std::nullopt : std::optional(*found);
}

int MemoryMailer::calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
}

}  // namespace souk
