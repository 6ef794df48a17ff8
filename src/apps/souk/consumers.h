#pragma once

#include <stop_token>
#include <thread>
#include <vector>

#include "domain/ports/message_bus.h"
#include "domain/ports/telemetry.h"

namespace souk::app {

/// Threads that take events from their queues and let the reactions act. Apart from those that
/// serve requests, so that a flood of either does not starve the other.
class Consumers {
public:
    Consumers(MessageBus& bus, Telemetry& telemetry) : bus_(bus), telemetry_(telemetry) {}
    ~Consumers() { stop(); }
    Consumers(const Consumers&) = delete;
    Consumers& operator=(const Consumers&) = delete;

    /// Begins to consume, with `workers` threads a reaction.
    void start(std::vector<Reaction> reactions, int workers);
    /// Lets those at work finish their message, and returns when they have.
    void stop();

private:
    void consume(const Reaction& reaction, const std::stop_token& stop);
    void handle(const Reaction& reaction, const Message& message, std::vector<std::string>& done);

    MessageBus& bus_;
    Telemetry& telemetry_;
    std::vector<Reaction> reactions_;
    std::vector<std::jthread> threads_;
};

}  // namespace souk::app
