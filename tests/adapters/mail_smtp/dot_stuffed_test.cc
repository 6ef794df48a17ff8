#include <gtest/gtest.h>

#include "adapters/mail_smtp/smtp_session.h"

namespace souk {
namespace {

TEST(DotStuffed, DoublesDotsAndMarksTheEnd) {
    EXPECT_EQ(dot_stuffed(".\r\n..a\r\nb.c\r\n"), "..\r\n...a\r\nb.c\r\n.\r\n");
    EXPECT_EQ(dot_stuffed("a"), "a\r\n.\r\n");
    EXPECT_EQ(dot_stuffed(""), "\r\n.\r\n");
}

}  // namespace
}  // namespace souk
