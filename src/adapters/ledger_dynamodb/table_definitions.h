#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/error.h"

/// The DynamoDB tables that DynamoLedger stands on. deploy/aws makes the same with CloudFormation;
/// a test holds the two equal.
namespace souk::dynamo {

/// One for each service that keeps rows, by its name; DynamoDB's names have the stage's prefix.
inline constexpr std::array<std::string_view, 8> ledger_tables = {
    "stores", "products", "carts", "users", "orders", "payments", "notifications", "identity"};

/// The CreateTable request of a table: text keys, two indexes with all attributes, a stream of new
/// images for the relay, paid by request. Shape: the full name, with the prefix.
[[nodiscard]] std::string table_definition_json(std::string_view full_name);
/// The UpdateTimeToLive request of a table.
[[nodiscard]] std::string time_to_live_json(std::string_view full_name);

/// Makes a table and waits until it can be used. For tests, emulators and first steps: a real stage
/// is made by its deployment, which also protects it.
/// Errors: ledger_unavailable. Repeat: a table that is there already is left as it is.
[[nodiscard]] Result<void> create_table(aws::AwsClient& client, std::string_view full_name);
/// The same for all ledger_tables.
[[nodiscard]] Result<void> create_tables(aws::AwsClient& client, std::string_view table_prefix);

}  // namespace souk::dynamo
