#include "domain/stores/store.h"

#include <algorithm>
#include <set>

#include "domain/base/text.h"

namespace souk::stores {

namespace {

using Mistakes = std::vector<FieldError>;

Currency currency_in(JsonView text) {
    const auto currency = Currency::parse(text.text_or());
    CHECK(currency.has_value());  // The route's schema has let it through.
    return *currency;
}

std::vector<std::string> domains_in(JsonView list) {
    std::vector<std::string> domains;
    for (std::size_t i = 0; i < list.size(); ++i) {
        domains.push_back(ascii_lower(list.at(i).text_or()));
    }
    return domains;
}

Tax tax_in(JsonView tax) {
    return {tax["rate_basis_points"].integer_or(0),
            tax["included"].bool_or(false) ? TaxMode::included : TaxMode::added};
}

std::vector<ShippingMethod> shipping_methods_in(JsonView list) {
    std::vector<ShippingMethod> methods;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const JsonView method = list.at(i);
        const JsonView price = method["price"];
        methods.push_back({method["id"].text_or(), method["name"].text_or(),
                           Money{currency_in(price["currency"]), price["amount"].integer_or(0)}});
    }
    return methods;
}

Moderation moderation_in(JsonView text) {
    return text.text_or() == name_of(Moderation::required) ? Moderation::required
                                                           : Moderation::none;
}

void check_slug(const Store& store, Mistakes& mistakes) {
    if (store.slug.size() > slug_length_max) {
        mistakes.push_back({"/slug", "too_long", cat("At most ", slug_length_max, " characters.")});
    } else if (!is_slug(store.slug, slug_length_max)) {
        mistakes.push_back(
            {"/slug", "bad_format", "Lower-case letters, digits and single hyphens."});
    }
}

void check_domains(const Store& store, Mistakes& mistakes) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < store.domains.size(); ++i) {
        if (!is_host_name(store.domains[i])) {
            mistakes.push_back(
                {cat("/domains/", i), "bad_format", "Not a host name such as shop.example.com."});
        } else if (!seen.insert(store.domains[i]).second) {
            mistakes.push_back({cat("/domains/", i), "duplicate", "Named twice."});
        }
    }
}

void check_shipping(const Store& store, Mistakes& mistakes) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < store.shipping_methods.size(); ++i) {
        const ShippingMethod& method = store.shipping_methods[i];
        const std::string at = cat("/shipping_methods/", i);
        if (!seen.insert(method.id).second) {
            mistakes.push_back({cat(at, "/id"), "duplicate", "Two methods have this id."});
        }
        if (method.price.currency != store.currency) {
            mistakes.push_back({cat(at, "/price/currency"), "currency_mismatch",
                                cat("The store's currency is ", store.currency.code(), ".")});
        }
    }
}

void check_settings(const Store& store, Mistakes& mistakes) {
    check_slug(store, mistakes);
    check_domains(store, mistakes);
    check_shipping(store, mistakes);
}

template <class T>
void replace(T& member, const std::optional<T>& wanted) {
    if (wanted) {
        member = *wanted;
    }
}

}  // namespace

CreateStore parse_create_store(JsonView body) {
    return {.slug = body["slug"].text_or(),
            .name = body["name"].text_or(),
            .currency = currency_in(body["currency"]),
            .locale = body["locale"].text_or("en"),
            .domains = domains_in(body["domains"]),
            .tax = tax_in(body["tax"]),
            .shipping_methods = shipping_methods_in(body["shipping_methods"]),
            .moderation = moderation_in(body["moderation"])};
}

StoreChanges parse_store_changes(JsonView body) {
    StoreChanges changes;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const auto [name, value] = body.member(i);
        if (name == "slug") {
            changes.slug = value.text_or();
        } else if (name == "name") {
            changes.name = value.text_or();
        } else if (name == "currency") {
            changes.currency = currency_in(value);
        } else if (name == "locale") {
            changes.locale = value.text_or();
        } else if (name == "domains") {
            changes.domains = domains_in(value);
        } else if (name == "tax") {
            changes.tax_rate = value["rate_basis_points"].integer();
            if (value["included"].present()) {
                changes.tax_mode = tax_in(value).mode;
            }
        } else if (name == "shipping_methods") {
            changes.shipping_methods = shipping_methods_in(value);
        } else if (name == "moderation") {
            changes.moderation = moderation_in(value);
        }
    }
    return changes;
}

Result<Store> store_from(const CreateStore& command, const StoreId& id, Instant now) {
    Store store{.id = id,
                .slug = command.slug,
                .name = command.name,
                .currency = command.currency,
                .locale = command.locale,
                .domains = command.domains,
                .tax = command.tax,
                .shipping_methods = command.shipping_methods,
                .moderation = command.moderation,
                .status = Status::open,
                .created_at = now,
                .version = 1};
    Mistakes mistakes;
    check_settings(store, mistakes);
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    return store;
}

Result<Store> changed(const Store& before, const StoreChanges& changes) {
    Store store = before;
    replace(store.slug, changes.slug);
    replace(store.name, changes.name);
    replace(store.locale, changes.locale);
    replace(store.domains, changes.domains);
    replace(store.tax.rate_basis_points, changes.tax_rate);
    replace(store.tax.mode, changes.tax_mode);
    replace(store.shipping_methods, changes.shipping_methods);
    replace(store.moderation, changes.moderation);
    Mistakes mistakes;
    check_settings(store, mistakes);
    if (changes.currency && *changes.currency != before.currency) {
        mistakes.push_back({"/currency", "currency_fixed",
                            "A store's currency cannot change once the store is made."});
    }
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    if (render_store(store) != render_store(before)) {
        store.version = before.version + 1;
    }
    return store;
}

bool is_host_name(std::string_view text) {
    constexpr std::size_t name_length_max = 253;
    constexpr std::size_t label_length_max = 63;
    if (text.size() > name_length_max) {
        return false;
    }
    const auto labels = split(text, '.');
    const auto label_fits = [](std::string_view label) {
        return !label.empty() && label.size() <= label_length_max && label.front() != '-' &&
               label.back() != '-' && std::ranges::all_of(label, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
               });
    };
    const bool numeric_end = labels.back().find_first_not_of("0123456789") == std::string::npos;
    return labels.size() >= 2 && std::ranges::all_of(labels, label_fits) && !numeric_end;
}

std::string_view name_of(Status status) {
    switch (status) {
        case Status::open: return "open";
        case Status::suspended: return "suspended";
    }
    return {};
}

std::string_view name_of(Moderation moderation) {
    switch (moderation) {
        case Moderation::none: return "none";
        case Moderation::required: return "required";
    }
    return {};
}

void write_store(JsonWriter& out, const Store& store) {
    out.member("id", store.id.text())
        .member("slug", store.slug)
        .member("name", store.name)
        .member("currency", store.currency.code())
        .member("locale", store.locale)
        .key("domains")
        .begin_array();
    for (const auto& domain : store.domains) {
        out.value(domain);
    }
    out.end_array()
        .key("tax")
        .begin_object()
        .member("rate_basis_points", store.tax.rate_basis_points)
        .member("included", store.tax.mode == TaxMode::included)
        .end_object()
        .key("shipping_methods")
        .begin_array();
    for (const auto& method : store.shipping_methods) {
        out.begin_object().member("id", method.id).member("name", method.name).key("price");
        out.begin_object()
            .member("amount", method.price.amount)
            .member("currency", method.price.currency.code())
            .end_object()
            .end_object();
    }
    out.end_array()
        .member("moderation", name_of(store.moderation))
        .member("status", name_of(store.status))
        .member("created_at", to_rfc3339(store.created_at))
        .member("version", store.version);
}

std::string render_store(const Store& store) {
    JsonWriter out;
    out.begin_object();
    write_store(out, store);
    out.end_object();
    return out.take();
}

}  // namespace souk::stores
