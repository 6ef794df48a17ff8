#include "domain/notifications/letter.h"
#include "domain/notifications/limits.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

constexpr std::string_view order =
    R"("order":{"number":1001,"email":"ann@mail.example","tax_included":false,
    "lines":[{"id":"line_1","title":"Earl Grey <loose>","sku":"EG","quantity":2,
              "unit_price":{"amount":1250,"currency":"GBP"},"total":{"amount":2500,"currency":"GBP"}},
             {"id":"line_2","title":"Pot","sku":"P","quantity":1,
              "unit_price":{"amount":9900,"currency":"GBP"},"total":{"amount":99900,"currency":"GBP"}}],
    "totals":{"subtotal":{"amount":102400,"currency":"GBP"},"discount":{"amount":0,"currency":"GBP"},
              "shipping":{"amount":500,"currency":"GBP"},"tax":{"amount":20580,"currency":"GBP"},
              "total":{"amount":123480,"currency":"GBP"}},
    "shipping_address":{"name":"Ann \"A\" Smith","line1":"1 High Street","city":"Bath","country":"GB"}})";

class MailWords : public Shop {
protected:
    Mail mail_about(std::string_view event_type, std::string_view more,
                    const StoreId& store = first_store) {
        const auto sent =
            service.mails().send(event(event_type, cat("{", order, more, "}"), store), mails_queue);
        EXPECT_TRUE(sent) << sent.error().detail;
        return mailer.mails().back();
    }
};

TEST_F(MailWords, AConfirmationNamesLinesTotalsAndAddress) {
    const Mail mail = mail_about(type::order_confirmed, "");
    for (const auto* words :
         {"Hello Ann \"A\" Smith,", "order 1001", "2 x Earl Grey <loose>: £25.00",
          "1 x Pot: £999.00", "Subtotal: £1,024.00", "Shipping: £5.00", "Tax: £205.80",
          "Total: £1,234.80", "1 High Street", "https://tea.example"}) {
        EXPECT_NE(mail.text.find(words), std::string::npos) << words << "\n" << mail.text;
    }
    EXPECT_EQ(mail.text.find("Discount"), std::string::npos);
    EXPECT_EQ(mail.text.find("\n\n\n"), std::string::npos) << mail.text;
    EXPECT_EQ(mail.text.find("more"), std::string::npos);
    EXPECT_EQ(mail.text.find("{{"), std::string::npos);
    EXPECT_EQ(mail.text.find("&"), mail.text.find("& Co")) << "text is not escaped";
}

TEST_F(MailWords, HtmlEscapesWhatPeopleWrote) {
    const Mail mail = mail_about(type::order_confirmed, "");
    EXPECT_NE(mail.html.find("Earl Grey &lt;loose&gt;"), std::string::npos);
    EXPECT_EQ(mail.html.find("<loose>"), std::string::npos);
    EXPECT_NE(mail.html.find("Ann &quot;A&quot; Smith"), std::string::npos);
}

TEST_F(MailWords, AmountsAreWrittenAsInTheStoresLocale) {
    const Mail mail = mail_about(type::order_confirmed, "", second_store);
    EXPECT_NE(mail.text.find("1.234,80\u00A0£"), std::string::npos) << mail.text;
}

TEST_F(MailWords, ACancellationSaysWhy) {
    EXPECT_NE(mail_about(type::order_cancelled, R"(,"reason":"out_of_stock")")
                  .text.find("no longer in stock"),
              std::string::npos);
    EXPECT_NE(
        mail_about(type::order_cancelled, R"(,"reason":"payment_declined")").text.find("declined"),
        std::string::npos);
    const Mail other = mail_about(type::order_cancelled, R"(,"reason":"something new")");
    EXPECT_NE(other.text.find("your order 1001 was cancelled."), std::string::npos);
}

TEST_F(MailWords, ACancellationClaimsNoChargeOnlyWhereThereWasNone) {
    const auto claims = [&](std::string_view status) {
        const std::string body =
            cat(R"({"order":{"number":1,"email":"ann@mail.example","payment":{"status":")", status,
                R"("}}})");
        EXPECT_TRUE(service.mails().send(event(type::order_cancelled, body), mails_queue));
        const Mail mail = mailer.mails().back();
        return mail.text.find("not been charged") != std::string::npos &&
               mail.html.find("not been charged") != std::string::npos;
    };
    EXPECT_TRUE(claims("none"));
    EXPECT_TRUE(claims("authorised"));
    EXPECT_TRUE(claims("voided"));
    EXPECT_FALSE(claims("captured"));
    EXPECT_FALSE(claims("partially_refunded"));
}

// The bug: "Reason: order_cancelled".
TEST_F(MailWords, ARefundOfACancelledOrderTellsNoCodeOfOurs) {
    const Mail mail = mail_about(
        type::order_refunded,
        R"(,"refund":{"amount":{"amount":1250,"currency":"GBP"},"reason":"order_cancelled"})");
    EXPECT_NE(mail.text.find("refunded £12.50"), std::string::npos) << mail.text;
    for (const auto& words : {mail.text, mail.html}) {
        EXPECT_EQ(words.find("Reason"), std::string::npos) << words;
        EXPECT_EQ(words.find("order_cancelled"), std::string::npos) << words;
    }
}

TEST_F(MailWords, AShipmentNamesItsOwnLinesAndTracking) {
    const Mail mail = mail_about(type::order_fulfilled, R"(,"fulfilment":{"id":"ful_1",
        "lines":[{"line_id":"line_1","quantity":1}],
        "tracking":{"carrier":"Post","number":"X1","url":"https://post.example/X1"}},
        "sent":[{"sku":"EG","title":"Earl Grey <loose>","quantity":1}])");
    EXPECT_NE(mail.text.find("1 x Earl Grey <loose>"), std::string::npos) << mail.text;
    EXPECT_EQ(mail.text.find("Pot"), std::string::npos);
    EXPECT_EQ(mail.text.find(" more"), std::string::npos);
    EXPECT_NE(mail.text.find("Tracking number: X1"), std::string::npos);
    EXPECT_NE(mail.html.find(R"(href="https://post.example/X1")"), std::string::npos) << mail.html;
}

// The bug: a line beyond those that an event shows of its order was mailed as "1 x ".
TEST_F(MailWords, AShipmentNamesLinesThatItsOrderDoesNotShow) {
    const Mail mail = mail_about(type::order_fulfilled, R"(,"fulfilment":{"id":"ful_1",
        "lines":[{"line_id":"line_120","quantity":1},{"line_id":"line_121","quantity":1},
                 {"line_id":"line_122","quantity":1}]},
        "sent":[{"sku":"G","title":"Gyokuro","quantity":1}])");
    EXPECT_NE(mail.text.find("1 x Gyokuro\nand 2 more\n"), std::string::npos) << mail.text;
    EXPECT_NE(mail.html.find("<li>and 2 more</li>"), std::string::npos) << mail.html;
}

TEST_F(MailWords, AShipmentCountsItsOwnLinesAndNotTheOrders) {
    const auto event = *JsonDocument::parse(
        R"({"order":{"line_count":250,"lines":[]},"fulfilment":{"lines":[{"line_id":"line_1"}]},
            "sent":[{"sku":"EG","title":"Earl Grey","quantity":1}]})");
    const auto view = *JsonDocument::parse(order_view(event.root(), {"Shop", "en", ""}));
    const auto words = templates.render("order_fulfilled", "en", view.root());
    ASSERT_TRUE(words);
    EXPECT_EQ(words->text.find(" more"), std::string::npos) << words->text;
}

TEST_F(MailWords, OnlyWebAddressesBecomeLinks) {
    const Mail mail =
        mail_about(type::order_fulfilled,
                   R"(,"fulfilment":{"lines":[],"tracking":{"url":"javascript:alert"}})");
    EXPECT_EQ(mail.html.find("javascript"), std::string::npos);
}

TEST_F(MailWords, ARefundNamesItsAmount) {
    const Mail mail =
        mail_about(type::order_refunded,
                   R"(,"refund":{"amount":{"amount":1250,"currency":"GBP"},"reason":"Broken"})");
    EXPECT_NE(mail.text.find("refunded £12.50 of your order 1001"), std::string::npos) << mail.text;
    EXPECT_NE(mail.text.find("Reason: Broken"), std::string::npos);
}

TEST_F(MailWords, ALongOrderIsNamedInPart) {
    JsonWriter body;
    body.begin_object()
        .key("order")
        .begin_object()
        .member("line_count", 250)
        .key("lines")
        .begin_array();
    for (std::size_t i = 0; i < mail_lines_max + 1; ++i) {
        body.begin_object().member("title", cat("Item ", i)).member("quantity", 1).end_object();
    }
    body.end_array().end_object().end_object();
    const auto view = *JsonDocument::parse(
        order_view(JsonDocument::parse(body.text())->root(), {"Shop", "en", ""}));
    EXPECT_EQ(view.root()["lines"].size(), mail_lines_max);
    EXPECT_EQ(view.root()["more_lines"].integer_or(0),
              250 - static_cast<std::int64_t>(mail_lines_max));
}

TEST_F(MailWords, ASubjectStaysOneLine) {
    const auto view =
        *JsonDocument::parse(R"({"store":"Shop\r\nBcc: everyone@mail.example","number":"1"})");
    const auto words = templates.render("order_confirmed", "en", view.root());
    ASSERT_TRUE(words);
    EXPECT_EQ(words->subject, "Your order 1 at Shop Bcc: everyone@mail.example");
}

}  // namespace
}  // namespace souk::notifications
