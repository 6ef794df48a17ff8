#include "adapters/bus_sns_sqs/peer.h"
#include "adapters/bus_sns_sqs/queue_calls.h"
#include "adapters/bus_sns_sqs/settable_time_client.h"
#include "adapters/bus_sns_sqs/sns_publisher.h"
#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/bus_sns_sqs/topology.h"
#include "adapters/memory/memory_ledger.h"
#include "contracts/message_bus_contract.h"

namespace souk::contract {

namespace {

/// The bus of an emulator, which `carrier` feeds with what a ledger in memory commits.
template <class Carrier>
struct PeerBus final : CommitObserver {
    PeerBus(aws::AwsClient& real, SettableClock& clock)
        : client(real, clock),
          carrier(client),
          queues(client, clock,
                 {.queue_url_prefix = carrier.queue_url_prefix,
                  .queues = contract_subscriptions(),
                  .poll_max = 1s}) {}

    void committed(const Transaction& transaction) noexcept override {
        EXPECT_TRUE(carrier.carry(transaction.events));
    }

    sqs::SettableTimeClient client;
    Carrier carrier;
    SqsBus queues;
};

template <class Carrier>
struct PeerHome {
    SettableClock clock;
    MemoryLedger rows{clock, contract_subscriptions()};
    std::unique_ptr<aws::HttpAwsClient> real = sqs::peer_client(Carrier::variable, Carrier::gaps());
    std::unique_ptr<PeerBus<Carrier>> peer =
        real ? std::make_unique<PeerBus<Carrier>>(*real, clock) : nullptr;

    PeerHome() {
        if (peer) {
            rows.observe(*peer);
        }
    }
    ~PeerHome() {
        if (peer) {
            rows.forget(*peer);
        }
    }
    PeerHome(const PeerHome&) = delete;
    PeerHome& operator=(const PeerHome&) = delete;

    Ledger& ledger() { return rows; }
    MessageBus& bus() {
        peer->client.catch_up();
        return peer->queues;
    }
};

/// Over the topic of an emulator that has SNS.
struct OverSns {
    static constexpr auto variable = "SOUK_PEER_MOTO";
    static sqs::PeerGaps gaps() {
        // moto 5.2.1, sqs/models.py: receive_message looks and marks without a lock.
        const std::string unlocked = "it hands a message to two receivers that ask at once";
        return {{"DeliversEveryMessageOfManyToOneReceiverOnly", unlocked},
                {"WakesAReceiverForEachOfManyMessages", unlocked}};
    }

    explicit OverSns(aws::AwsClient& client)
        : topology(make(client)),
          queue_url_prefix(topology.queue_url_prefix),
          publisher(client, topology.topic_arn) {}

    static Topology make(aws::AwsClient& client) {
        const std::string prefix = sqs::fresh_prefix();
        const TopologySettings settings{cat(prefix, "events"), prefix, contract_subscriptions()};
        EXPECT_TRUE(make_topology(client, settings));
        return make_topology(client, settings).value();  // The second time finds all of it there.
    }
    bool carry(const std::vector<Event>& events) {
        return std::ranges::all_of(publisher.publish(events),
                                   [](const auto& outcome) { return outcome.has_value(); });
    }

    Topology topology;
    std::string queue_url_prefix;
    SnsPublisher publisher;
};

/// Straight into the queues of an emulator that has SQS only.
struct IntoQueues {
    static constexpr auto variable = "SOUK_PEER_SQS_ELASTICMQ";
    static sqs::PeerGaps gaps() { return {}; }

    explicit IntoQueues(aws::AwsClient& client)
        : calls(client, {}), queue_url_prefix(make(client)) {}

    static std::string make(aws::AwsClient& client) {
        const TopologySettings settings{"", sqs::fresh_prefix(), contract_subscriptions()};
        EXPECT_TRUE(make_queues(client, settings, ""));
        return make_queues(client, settings, "").value();
    }
    bool carry(const std::vector<Event>& events) {
        for (const auto& subscription : contract_subscriptions()) {
            std::vector<sqs::OutgoingMessage> messages;
            for (const auto& event : events) {
                if (std::ranges::count(subscription.types, event.type) > 0) {
                    messages.push_back({sqs::message_body(event), {{"type", event.type}}});
                }
            }
            if (!calls.send(cat(queue_url_prefix, subscription.queue), messages).empty()) {
                return false;
            }
        }
        return true;
    }

    sqs::QueueCalls calls;
    std::string queue_url_prefix;
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Moto, MessageBusContract, PeerHome<OverSns>);
INSTANTIATE_TYPED_TEST_SUITE_P(ElasticMq, MessageBusContract, PeerHome<IntoQueues>);

}  // namespace souk::contract
