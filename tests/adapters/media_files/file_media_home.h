#pragma once

#include <filesystem>
#include <string>

#include "adapters/media_files/file_media.h"
#include "adapters/memory/test_environment.h"
#include "contracts/media_contract.h"
#include "support/temporary_folder.h"

namespace souk::contract {

using testing_support::TemporaryFolder;

/// FileMedia with its routes, called as the gateway would.
struct FileMediaHome {
    TemporaryFolder folder;
    TestEnvironment test;
    FileMedia files{{folder.path() / "media", "https://shop.example"}, test.environment()};
    std::vector<Route> routes = files.routes();
    Caller caller;

    SettableClock& clock() { return test.clock; }
    Media& media() { return files; }

    /// The request to one of the public URLs.
    static Request request_to(std::string_view url) {
        const std::string_view base = "https://shop.example/media/";
        EXPECT_TRUE(url.starts_with(base)) << url;
        url.remove_prefix(base.size());
        const auto question = std::min(url.find('?'), url.size());
        const std::string_view path = url.substr(0, question);
        const auto slash = path.find('/');
        Request request;
        request.path_parameters = {{"store", std::string(path.substr(0, slash))},
                                   {"object", std::string(path.substr(slash + 1))}};
        for (const auto pair : split(url.substr(std::min(question + 1, url.size())), '&')) {
            const auto equals = std::min(pair.find('='), pair.size());
            const auto value =
                percent_decoded(pair.substr(std::min(equals + 1, pair.size())), PercentStyle::form);
            request.query_parameters.emplace_back(std::string(pair.substr(0, equals)),
                                                  value.value_or(""));
        }
        return request;
    }
    Result<Response> put(std::string_view url, std::string_view content_type,
                         std::string_view bytes) {
        Request request = request_to(url);
        request.method = Method::put;
        request.headers = {{"content-type", std::string(content_type)}};
        request.spooled = std::make_shared<TextBody>(std::string(bytes));
        return routes.at(0).handle(caller, request);
    }
    Result<Response> fetch(std::string_view url, std::string_view known_tag = {}) {
        Request request = request_to(url);
        if (!known_tag.empty()) {
            request.headers = {{"if-none-match", std::string(known_tag)}};
        }
        return routes.at(1).handle(caller, request);
    }
    int upload(const UploadAddress& address, std::string_view content_type,
               std::string_view bytes) {
        const auto answer = put(address.url, content_type, bytes);
        return answer ? answer->status : 400;
    }
    /// Every file below the folder, drafts included.
    [[nodiscard]] std::size_t files_on_disk() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }
};

}  // namespace souk::contract
