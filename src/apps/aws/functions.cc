#include "apps/aws/functions.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/bus_sns_sqs/sqs_event.h"
#include "adapters/lambda_runtime/http_function.h"
#include "adapters/lambda_runtime/run_loop.h"
#include "adapters/system_clock/system_clock.h"
#include "apps/aws/aws_home.h"
#include "apps/aws/chores.h"
#include "apps/aws/outbox_relay.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::app {

namespace {

constexpr std::array service_names = std::to_array<std::string_view>(
    {"stores", "products", "carts", "users", "orders", "notifications"});

/// API Gateway throttles each route for the whole stage; one process sees a share of the traffic
/// that says nothing.
constexpr gateway::Rate unlimited{.per_second = 0, .burst = 1};

struct Made {
    std::shared_ptr<AwsHome> home;
    SystemClock& clock;
    Telemetry& telemetry;
};

lambda::InvocationHandler http(const Made& made) {
    auto function = std::make_shared<lambda::HttpFunction>(made.home->services().gateway(),
                                                           made.clock, made.telemetry);
    return [home = made.home, function](const lambda::Invocation& invocation) {
        return (*function)(invocation);
    };
}

/// Orders of one SKU meet at its stock, and go to DynamoDB as one if they come at the same time
/// (docs/decisions/0019). Elsewhere there is nothing to meet at, and mail servers count.
std::size_t workers_of(std::string_view service) {
    return service == "products" ? static_cast<std::size_t>(receive_max) : 1;
}

lambda::InvocationHandler reactions(const Made& made, std::string_view service) {
    auto all = std::make_shared<std::vector<Reaction>>(made.home->services().reactions());
    return [home = made.home, all, workers = workers_of(service),
            &telemetry = made.telemetry](const lambda::Invocation& invocation) {
        return consume_batch(invocation.body, *all, home->bus(), telemetry, workers);
    };
}

lambda::InvocationHandler sweep(const Made& made, std::string_view service) {
    std::vector<Services::Chore> chores = made.home->services().chores();
    std::erase_if(chores,
                  [&](const auto& chore) { return !chore.name.starts_with(cat(service, '.')); });
    return [home = made.home, chores,
            &clock = made.clock](const lambda::Invocation& invocation) -> Result<std::string> {
        const Instant until = lambda::working_deadline(invocation.deadline, clock.now());
        const int swept = TRY(sweep_until(chores, until, clock));
        return JsonWriter().begin_object().member("swept", swept).end_object().take();
    };
}

/// Every service has its relay, and every relay a queue for what can never be published, called
/// like the function: "souk-prod-orders-relay" keeps it in "souk-prod-orders-relay-dead".
std::string undeliverable_queue_url(const AwsSettings& settings, const Variables& variables) {
    const auto found = variables.find("AWS_LAMBDA_FUNCTION_NAME");
    std::string_view name = found == variables.end() ? "relay" : std::string_view(found->second);
    if (name.starts_with(settings.table_prefix)) {
        name.remove_prefix(settings.table_prefix.size());
    }
    return cat(settings.queue_url_prefix, undeliverable_queue(name));
}

/// Opens no home: a relay reads a stream and publishes, and neither data nor the secret is its
/// business.
Result<lambda::InvocationHandler> relay(const AwsSettings& settings, const Variables& variables,
                                        Telemetry& telemetry) {
    struct Parts {
        std::unique_ptr<aws::HttpAwsClient> client;
        SnsPublisher publisher;
        Relay relay;
        Parts(std::unique_ptr<aws::HttpAwsClient> made, const std::string& topic, std::string dead,
              Telemetry& to)
            : client(std::move(made)),
              publisher(*client, topic),
              relay(publisher, keep_in_queue(*client, std::move(dead)), to) {}
    };
    auto client = TRY(aws::HttpAwsClient::make(TRY(aws::AwsOptions::from_environment(variables))));
    auto parts = std::make_shared<Parts>(std::move(client), settings.topic_arn,
                                         undeliverable_queue_url(settings, variables), telemetry);
    return [parts](const lambda::Invocation& invocation) {
        return parts->relay.relay(invocation.body);
    };
}

}  // namespace

Result<lambda::InvocationHandler> make_function(std::string_view name, const Variables& variables,
                                                SystemClock& clock, Telemetry& telemetry) {
    const auto dot = std::min(name.find('.'), name.size());
    const std::string_view service = name.substr(0, dot);
    const std::string_view kind = name.substr(std::min(dot + 1, name.size()));
    const bool known = std::ranges::find(service_names, service) != service_names.end();
    const bool relays = name == "platform.relay";
    if (!relays && !(known && (kind == "http" || kind == "reactions" || kind == "sweep"))) {
        return fail(errors::unknown_function, cat("There is no function \"", name, "\"."));
    }
    const AwsSettings settings = TRY(read_aws_settings(variables));
    if (relays) {
        return relay(settings, variables, telemetry);
    }
    const Made made{TRY(AwsHome::open(settings, variables, clock, telemetry,
                                      {.gateway = {.ordinary = unlimited, .sign_in = unlimited}})),
                    clock, telemetry};
    if (kind == "http") {
        return http(made);
    }
    return kind == "reactions" ? reactions(made, service) : sweep(made, service);
}

}  // namespace souk::app
