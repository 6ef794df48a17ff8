#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/route.h"

namespace souk::gateway {

/// The route table, matched segment by segment; a literal segment wins over a parameter.
class Router {
public:
    /// Two routes with one method and pattern, or without an audience, are a fault of the program:
    /// CHECK.
    explicit Router(std::vector<Route> routes);

    struct Match {
        const Route* route = nullptr;       // Null: no such path, or not with this method.
        std::vector<Parameter> parameters;  // Percent-decoded.
        std::vector<Method> allowed;        // Of the path, when only the method is wrong.
    };
    /// `path` is still percent-encoded.
    [[nodiscard]] Match match(Method method, std::string_view path) const;
    /// The route alone; cheaper than `match`.
    [[nodiscard]] const Route* find(Method method, std::string_view path) const;
    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
        std::unique_ptr<Node> parameter;
        std::vector<const Route*> routes;
    };
    void insert(const Route& route);
    static const Node* walk(const Node& node, std::string_view rest,
                            std::vector<std::string_view>* values);

    std::vector<Route> routes_;
    Node root_;
};

}  // namespace souk::gateway
