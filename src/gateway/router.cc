#include "gateway/router.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::gateway {

namespace {

/// Takes the first segment off `rest`, which starts with a slash.
std::string_view next_segment(std::string_view& rest) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, end);
    rest.remove_prefix(end);
    return segment;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

const Route* with_method(const std::vector<const Route*>& routes, Method method) {
    // HEAD is GET without the body; the server leaves it out.
    const Method wanted = method == Method::head ? Method::get : method;
    const auto found = std::ranges::find(routes, wanted, &Route::method);
    return found == routes.end() ? nullptr : *found;
}

bool admits_someone(const Audiences& a) {
    return a.anyone || a.customer || a.staff || a.account || a.platform;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
    for (const auto& route : routes_) {
        insert(route);
    }
}

void Router::insert(const Route& route) {
    CHECK(admits_someone(route.audiences));
    CHECK(route.handle != nullptr);
    Node* node = &root_;
    std::string_view rest = route.pattern;
    while (!rest.empty()) {
        const auto segment = next_segment(rest);
        if (is_parameter(segment)) {
            if (!node->parameter) {
                node->parameter = std::make_unique<Node>();
            }
            node = node->parameter.get();
        } else {
            auto& child = node->literals[std::string(segment)];
            if (!child) {
                child = std::make_unique<Node>();
            }
            node = child.get();
        }
    }
    CHECK(with_method(node->routes, route.method) == nullptr);
    node->routes.push_back(&route);
}

const Router::Node* Router::walk(const Node& node, std::string_view rest,
                                 std::vector<std::string_view>* values) {
    if (rest.empty()) {
        return node.routes.empty() ? nullptr : &node;
    }
    if (rest.front() != '/') {
        return nullptr;
    }
    const auto segment = next_segment(rest);
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
        if (const Node* found = walk(*literal->second, rest, values)) {
            return found;
        }
    }
    if (!node.parameter || segment.empty()) {
        return nullptr;
    }
    if (values != nullptr) {
        values->push_back(segment);
    }
    const Node* found = walk(*node.parameter, rest, values);
    if (found == nullptr && values != nullptr) {
        values->pop_back();
    }
    return found;
}

const Route* Router::find(Method method, std::string_view path) const {
    const Node* node = walk(root_, path, nullptr);
    return node == nullptr ? nullptr : with_method(node->routes, method);
}

Router::Match Router::match(Method method, std::string_view path) const {
    Match match;
    std::vector<std::string_view> values;
    const Node* node = walk(root_, path, &values);
    if (node == nullptr) {
        return match;
    }
    match.route = with_method(node->routes, method);
    if (match.route == nullptr) {
        for (const Route* route : node->routes) {
            match.allowed.push_back(route->method);
        }
        return match;
    }
    std::string_view rest = match.route->pattern;
    for (std::size_t i = 0; !rest.empty();) {
        const auto segment = next_segment(rest);
        if (!is_parameter(segment)) {
            continue;
        }
        auto value = percent_decoded(values[i++], PercentStyle::path);
        if (!value || !is_utf8(*value) || value->find('\0') != std::string::npos) {
            return {};  // Names nothing that could exist.
        }
        match.parameters.emplace_back(segment.substr(1, segment.size() - 2), *std::move(value));
    }
    return match;
}

}  // namespace souk::gateway
