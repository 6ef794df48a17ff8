#include "adapters/templates_mustache/mustache_templates.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "adapters/templates_mustache/embedded.h"
#include "domain/base/text.h"

namespace souk {
namespace {

RenderedMail rendered(std::string_view name, std::string_view json,
                      std::string_view locale = "en") {
    static const MustacheTemplates templates;
    const auto view = JsonDocument::parse(json);
    EXPECT_TRUE(view);
    auto mail = templates.render(name, locale, view->root());
    EXPECT_TRUE(mail) << mail.error().detail;
    return mail ? *mail : RenderedMail{};
}

std::set<std::string> mail_names() {
    std::set<std::string> names;
    for (const auto& [file_name, text] : embedded_templates()) {
        if (!file_name.starts_with('_')) {
            names.insert(std::string(file_name.substr(0, file_name.find('.'))));
        }
    }
    return names;
}

TEST(MustacheTemplates, HasEveryMail) {
    EXPECT_EQ(mail_names(),
              (std::set<std::string>{"account_exists", "order_cancelled", "order_confirmed",
                                     "order_fulfilled", "order_refunded", "password_reset_code",
                                     "sign_up_code"}));
}

TEST(MustacheTemplates, RendersEveryMailInAllItsParts) {
    for (const auto& name : mail_names()) {
        const RenderedMail mail =
            rendered(name, R"({"store":"Shop","name":"Ann","number":"7","code":"1234"})");
        EXPECT_NE(mail.subject.find("Shop"), std::string::npos) << name;
        EXPECT_NE(mail.text.find("Hello Ann,"), std::string::npos) << name;
        EXPECT_TRUE(mail.html.starts_with("<!doctype html>")) << name;
        EXPECT_NE(mail.html.find("</html>"), std::string::npos) << name;
        EXPECT_EQ(cat(mail.subject, mail.text, mail.html).find("{{"), std::string::npos) << name;
    }
}

TEST(MustacheTemplates, EscapesEveryValueInHtmlAndNoneInText) {
    for (const auto& name : mail_names()) {
        const RenderedMail mail = rendered(
            name,
            R"({"store":"<b>\"'&","name":"<script>","number":"<i>","code":"<u>","website":"\"><x>"})");
        for (const auto* raw : {"<b>", "<script>", "<i>", "<u>", "<x>"}) {
            EXPECT_EQ(mail.html.find(raw), std::string::npos) << name << raw;
        }
        EXPECT_NE(mail.html.find("&lt;b&gt;&quot;&apos;&amp;"), std::string::npos)
            << name << mail.html;
        EXPECT_NE(mail.text.find("<b>\"'&"), std::string::npos) << name;
    }
}

TEST(MustacheTemplates, NoTemplateAsksForUnescapedValues) {
    for (const auto& [file_name, text] : embedded_templates()) {
        EXPECT_EQ(text.find("{{{"), std::string_view::npos) << file_name;
        EXPECT_EQ(text.find("{{&"), std::string_view::npos) << file_name;
    }
}

TEST(MustacheTemplates, ReadsNoTemplateInAValue) {
    const RenderedMail mail =
        rendered("sign_up_code", R"({"store":"{{code}}{{> _head}}","code":"1234"})");
    EXPECT_NE(mail.subject.find("{{code}}{{> _head}}"), std::string::npos);
    EXPECT_EQ(mail.subject.find("1234"), std::string::npos);
}

TEST(MustacheTemplates, ASubjectIsOneLineWhateverItsValues) {
    const RenderedMail mail = rendered(
        "sign_up_code", R"({"store":"A\r\nBcc: x@y.example\u0000\u0007\t  B\n\n","code":"1"})");
    EXPECT_EQ(mail.subject, "Confirm your e-mail address for A Bcc: x@y.example B");
}

TEST(MustacheTemplates, ALongSubjectEndsBetweenCharacters) {
    std::string name;
    for (int i = 0; i < 400; ++i) {
        name += "é";
    }
    const RenderedMail mail = rendered("sign_up_code", cat(R"({"store":")", name, R"("})"));
    EXPECT_LE(mail.subject.size(), 500U);
    EXPECT_TRUE(is_utf8(mail.subject));
}

TEST(MustacheTemplates, FallsBackToEnglish) {
    for (const auto* locale : {"", "en-GB", "xx", "de_AT", "../../etc"}) {
        EXPECT_EQ(rendered("sign_up_code", R"({"store":"S"})", locale).subject,
                  "Confirm your e-mail address for S");
    }
}

TEST(MustacheTemplates, AnUnknownMailIsAnError) {
    const MustacheTemplates templates;
    const auto view = *JsonDocument::parse("{}");
    for (const auto* name : {"nothing", "_head", "head", ""}) {
        const auto mail = templates.render(name, "en", view.root());
        ASSERT_FALSE(mail) << name;
        EXPECT_EQ(mail.error().code, errors::template_broken);
    }
    EXPECT_FALSE(templates.render("sign_up_code", "en", JsonView{}));
}

}  // namespace
}  // namespace souk
