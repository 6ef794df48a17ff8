#include "adapters/templates_mustache/mustache_templates.h"

#include <array>
#include <kainjow/mustache.hpp>

#include "adapters/templates_mustache/embedded.h"
#include "domain/base/clipped_text.h"
#include "domain/base/text.h"

namespace souk {

namespace {

namespace km = kainjow::mustache;

constexpr std::string_view fallback_language = "en";
constexpr std::string_view html = "html";
constexpr std::array<std::string_view, 3> parts{"subject", "text", html};
constexpr std::size_t subject_bytes_max = 500;

km::data data_from(JsonView json) {
    if (json.is_object()) {
        km::data object{km::data::type::object};
        for (std::size_t i = 0; i < json.size(); ++i) {
            const auto [name, value] = json.member(i);
            object.set(std::string(name), data_from(value));
        }
        return object;
    }
    if (json.is_array()) {
        km::data list{km::data::type::list};
        for (std::size_t i = 0; i < json.size(); ++i) {
            list.push_back(data_from(json.at(i)));
        }
        return list;
    }
    if (const auto text = json.string()) {
        return km::data{std::string(*text)};
    }
    if (const auto flag = json.boolean()) {
        return km::data{*flag ? km::data::type::bool_true : km::data::type::bool_false};
    }
    if (!json.present() || json.is_null()) {
        return km::data{km::data::type::bool_false};
    }
    return km::data{json.render()};
}

bool is_control(char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte < 0x20 || byte == 0x7F;
}

/// One line, whatever the values in it hold: a line break in a name must not become a header.
std::string single_line(std::string_view text) {
    std::string line;
    for (const char character : text) {
        const char wanted = is_control(character) ? ' ' : character;
        if (wanted != ' ' || (!line.empty() && line.back() != ' ')) {
            line += wanted;
        }
    }
    return std::string(trimmed(clipped(line, subject_bytes_max)));
}

std::string key(std::string_view name, std::string_view language, std::string_view part) {
    return cat(name, ".", language, ".", part);
}

}  // namespace

MustacheTemplates::MustacheTemplates() {
    constexpr std::string_view suffix = ".mustache";
    for (const auto& [file_name, text] : embedded_templates()) {
        CHECK(file_name.ends_with(suffix));
        const std::string_view stem = file_name.substr(0, file_name.size() - suffix.size());
        (stem.starts_with('_') ? partials_ : mails_).emplace(stem, text);
    }
    for (const auto& [stem, text] : mails_) {
        const std::string_view mail = std::string_view(stem).substr(0, stem.rfind('.'));
        for (const auto part : parts) {
            CHECK(mails_.contains(cat(mail, ".", part)));
        }
    }
}

std::string MustacheTemplates::language_for(std::string_view name, std::string_view locale) const {
    const std::string language = ascii_lower(locale.substr(0, locale.find_first_of("-_")));
    return mails_.contains(key(name, language, html)) ? language : std::string(fallback_language);
}

Result<std::string> MustacheTemplates::render_part(std::string_view name, std::string_view language,
                                                   std::string_view part, JsonView view) const {
    const auto found = mails_.find(key(name, language, part));
    if (found == mails_.end()) {
        return fail(errors::template_broken, cat("There is no mail template ", name, "."));
    }
    km::mustache form{found->second};
    if (part != html) {
        form.set_custom_escape([](const std::string& text) { return text; });
    }
    km::data values = data_from(view);
    const std::string ending = cat(".", language, ".", part);
    for (const auto& [stem, text] : partials_) {
        if (stem.ends_with(ending)) {
            values.set(stem.substr(0, stem.size() - ending.size()),
                       km::data{km::partial([text] { return text; })});
        }
    }
    std::string words = form.render(values);
    if (!form.is_valid()) {
        return fail(errors::template_broken,
                    cat("The mail template ", name, " fails: ", form.error_message()));
    }
    return words;
}

Result<RenderedMail> MustacheTemplates::render(std::string_view name, std::string_view locale,
                                               JsonView view) const {
    if (!view.is_object()) {
        return fail(errors::template_broken, "A template's view is an object.");
    }
    const std::string language = language_for(name, locale);
    RenderedMail mail;
    mail.subject = single_line(TRY(render_part(name, language, "subject", view)));
    mail.text = TRY(render_part(name, language, "text", view));
    mail.html = TRY(render_part(name, language, html, view));
    return mail;
}

}  // namespace souk
